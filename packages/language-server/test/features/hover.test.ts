import { expect, test } from 'vitest'
import { type Hover, HoverRequest, MarkupContent, type Position } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY, PIPELINE, USER } from '../texts.ts'

async function hovering(text: string, files: Readonly<Record<string, string>> = {}) {
  const project = await Project.with(files)
  const uri = project.uri('a.mica')
  await project.client.open(uri, text)
  const at = async (position: Position): Promise<Hover | null> =>
    project.client.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position })
  return async (place: string, options = {}): Promise<string> => {
    const hover = await at(project.client.at(uri, place, options))
    return MarkupContent.is(hover?.contents) ? hover.contents.value : ''
  }
}

test('a channel shows its declaration, size, address, rights, and its flows', async () => {
  const hover = await hovering(PIPELINE)
  expect(await hover('raw reaches')).toBe(
    [
      '```mica\nchannel raw   gate -> encoder  256 KiB\n```',
      'protected memory `raw`, 256 KiB at `0x1ae8600000`  ',
      '`gate`: write, `encoder`: read  ',
      'reaches `gate`, `encoder`, `host`  ',
      'reached by `gate`, `encoder`, `host`',
    ]
      .join('\n')
      .replace('```\nprotected', '```\n\nprotected'),
  )
})

test('a peer shows its doc comment, whom it reaches and who reaches it, and whether it could tell the host', async () => {
  const hover = await hovering(PIPELINE)
  const encoder = await hover('encoder image', { plus: 3 })
  expect(encoder).toContain('Makes it &#42;small&#42;')
  expect(encoder).toContain('reaches `gate`, `host`')
  expect(encoder).not.toContain('trusted')
  const gate = await hover('gate ->')
  expect(gate).toContain('could hand data to the host: it has to be trusted')
  expect(gate).toContain('the host sees 64 KiB in `nic`')
})

test('flows are shown although an assertion does not hold, and not where an error leaves open what the file says', async () => {
  const violated = await hovering(PIPELINE.replace('leakers are gate', 'leakers are none'))
  expect(await violated('encoder image')).toContain('reaches `gate`, `host`')
  const broken = await hovering(PIPELINE.replace('64 KiB', '64'))
  const encoder = await broken('encoder image')
  expect(encoder).toContain('peer encoder image')
  expect(encoder).not.toContain('reaches')
})

test('an assertion shows whether it holds, why, and the path that breaks it', async () => {
  const hover = await hovering(PIPELINE.replace('leakers are gate', 'raw never reaches host'))
  expect(await hover('assert')).toContain('**holds**')
  expect(await hover('assert', { nth: 1 })).toMatch(/\*\*does not hold\*\*.*\n\n- .*reads.*\n- .*writes/s)
})

test('the part of the name of an instance that is pointed at is what is shown', async () => {
  const hover = await hovering(USER, { 'lib/sandbox.mica': LIBRARY })
  expect(await hover('s1_in', { plus: 1 })).toContain('use sandbox(gate, one, FRAME) as s1')
  const item = await hover('s1_in', { plus: 4 })
  expect(item).toContain('channel in  user -> box  size')
  expect(item).toContain('protected memory `s1_in`, 64 KiB')
  expect(item).not.toContain('s2_in')
})

test('an item of a pattern shows every memory that it became', async () => {
  const text = `${LIBRARY}${USER.slice(USER.indexOf('workflow'))}`
  const hover = await hovering(text)
  const item = await hover('in  user')
  expect(item).toContain('`s1_in`, 64 KiB')
  expect(item).toContain('`s2_in`, 8 KiB')
})

test('a name of a policy is shown as that policy has it', async () => {
  const hover = await hovering(`peer shared image "s.ts"
policy first for a { peer a image "a.ts"  channel one a -> shared 4 KiB }
policy second for b { peer b image "b.ts"  channel two shared -> b 8 KiB }
`)
  expect(await hover('shared 4')).toContain('reached by `a`')
  expect(await hover('shared ->')).toContain('reaches `b`')
  expect(await hover('shared ->')).not.toContain('`a`')
})

test('words of the language and ids of transitions say what they mean', async () => {
  const hover = await hovering(PIPELINE)
  expect(await hover('trusted')).toContain('never enforcement')
  expect(await hover('host_call')).toContain('RSI_HOST_CALL')
  expect(await hover('host_call')).toContain('Where nothing names it: `block`')
  expect(await hover('KiB')).toContain('1024 bytes')
})

test('what an author writes becomes no link, no image and no end of the source', async () => {
  const text = PIPELINE.replace('Makes it', '![x](https://example.com/x) <img src="x">').replace(
    'image "encoder.ts"',
    '/* ``` */ image "encoder.ts"',
  )
  const hover = await hovering(text)
  const encoder = await hover('peer encoder', { plus: 5 })
  expect(encoder).not.toContain('![')
  expect(encoder).not.toContain('<img')
  expect(encoder).not.toContain('https:')
  expect(encoder.startsWith('````mica\n')).toBe(true)
})

test('a place without a word shows nothing', async () => {
  const hover = await hovering(PIPELINE)
  expect(await hover('\n\n', { plus: 1 })).toBe('')
})
