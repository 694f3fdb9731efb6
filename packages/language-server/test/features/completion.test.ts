import { expect, test } from 'vitest'
import {
  type CompletionContext,
  type CompletionItem,
  CompletionRequest,
  CompletionTriggerKind,
} from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY } from '../texts.ts'

/** What is offered at `|`, in the order in which it is shown. */
async function offered(marked: string, context?: CompletionContext, file = 'a.mica'): Promise<CompletionItem[]> {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  const uri = project.uri(file)
  const offset = marked.indexOf('|')
  await project.client.open(uri, marked.replace('|', ''))
  const items = await project.client.connection.sendRequest(CompletionRequest.type, {
    textDocument: { uri },
    position: project.client.document(uri).positionAt(offset),
    ...(context === undefined ? {} : { context }),
  })
  const list = Array.isArray(items) ? items : []
  return list.sort((a, b) => (a.sortText! < b.sortText! ? -1 : 1))
}

const labels = async (...asked: Parameters<typeof offered>): Promise<string[]> =>
  (await offered(...asked)).map(({ label }) => label)

const BODY = `workflow w {
  peer one image "1.ts"
  peer two image "2.ts"
  channel data one -> two 4 KiB
  channel svc one <-> each any(2) 4 KiB
`

test.each([
  [
    'at the beginning of a file',
    '|',
    ['workflow', 'policy', 'import', 'pattern', 'let', 'trusted', 'gateway', 'open', 'peer'],
  ],
  [
    'in a workflow',
    `${BODY}  |\n}`,
    'at paced version trusted gateway open peer channel memory transition assert use'.split(' '),
  ],
  ['after the words before `peer`', `${BODY}  trusted |`, ['trusted', 'gateway', 'open', 'peer']],
  ['after the name of a peer', `${BODY}  peer x |`, ['image', 'rim', 'label', 'rpv']],
  ['after the first end of a channel', `${BODY}  channel x one |`, ['->', '<->']],
  ['after a number', `${BODY}  channel x one -> two 4 |`, ['KiB', 'MiB', 'GiB', 'B', 'at', 'paced']],
  ['after the name of a memory', `${BODY}  memory x |`, ['protected', 'unprotected']],
  ['in the rights of a memory', `${BODY}  memory x protected 4 KiB { one: |`, ['read', 'write', 'execute', 'owner']],
  ['after a node', `${BODY}  assert data |`, ['never', 'reaches']],
  ['in a transition', `${BODY}  transition one { |`, ['call', 'exception', 'interrupt']],
  ['after the ids of a transition', `${BODY}  transition one { call host_call: |`, ['allow', 'scrub', 'block']],
] as const)('%s come the words that may stand there', async (_, text, words) => {
  expect(await labels(text)).toEqual(words)
})

test('at the ends of a channel come peers, those first that it does not have yet', async () => {
  expect(await labels(`${BODY}  channel x one -> |`)).toEqual(['two', 'one', 'host', 'each', 'any'])
})

test('in an assertion come peers and memories, those of `each any` by their numbers', async () => {
  const names = ['one', 'two', 'data', 'svc_1', 'svc_2', 'host']
  expect(await labels(`${BODY}  assert data reaches |`)).toEqual(['one', 'two', 'svc_1', 'svc_2', 'data', 'host'])
  expect((await labels(`${BODY}  assert data reaches two only via |`)).sort()).toEqual(names.sort())
})

test('where only peers can stand no memories come', async () => {
  expect(await labels(`${BODY}  assert leakers are |`)).toEqual(['one', 'two', 'none', 'host'])
  expect(await labels(`${BODY}  transition |`)).toEqual(['one', 'two'])
})

test('ids of a transition are those of the class that the rule is about', async () => {
  const calls = await labels(`${BODY}  transition one { interrupt physical: scrub call host_call, |`)
  expect(calls).toContain('psci')
  expect(calls).not.toContain('data_abort')
  const exceptions = await offered(`${BODY}  transition one { exception |`)
  expect(exceptions.map(({ label }) => label)).toContain('data_abort')
  expect(exceptions[0]?.documentation).toMatchObject({ value: expect.stringContaining('Where nothing names it') })
})

test('patterns and constants of an imported file come where they may stand', async () => {
  const start = `import "lib/sandbox.mica"\n${BODY}`
  expect(await labels(`${start}  use |`)).toEqual(['sandbox'])
  expect(await labels(`${start}  channel x one -> two |`)).toEqual(['FRAME'])
  expect(await labels(`${start}  use sandbox(|`)).toEqual(['FRAME', 'one', 'two', 'host'])
})

test('names of the items of an instance come in the workflow that uses it, and parameters in their pattern', async () => {
  const start = `import "lib/sandbox.mica"\n${BODY}  use sandbox(one, two, FRAME) as s\n`
  expect(await labels(`${start}  assert s|`)).toContain('s_out')
  const inPattern = await labels('pattern p(user, size) {\n  peer box image "b.ts"\n  channel x user -> |')
  expect(inPattern).toEqual(['size', 'box', 'user', 'host', 'each', 'any'])
})

test('in an import come the files of the project, from where the importing file is', async () => {
  expect(await labels('import "|"\n')).toEqual(['lib/sandbox.mica'])
  const [only] = await offered('import "../|x"\n', undefined, 'inner/deep/a.mica')
  expect(only).toMatchObject({
    label: '../../lib/sandbox.mica',
    textEdit: { range: { start: { character: 8 }, end: { character: 12 } } },
  })
})

test('a name that is being written is replaced', async () => {
  const [first] = await offered(`${BODY}  channel x one -> tw|`)
  expect(first).toMatchObject({
    label: 'two',
    textEdit: { range: { start: { character: 19 }, end: { character: 21 } } },
  })
})

test('a missing end does not keep the next item from being begun', async () => {
  expect(await labels(`${BODY}  channel x one ->\n  a|`)).toContain('assert')
})

test('names come with their declaration and doc comment', async () => {
  const offers = await offered(`${BODY.replace('peer two', '/// The other.\n  peer two')}  channel x one -> |`)
  expect(offers[0]).toMatchObject({ detail: 'peer', documentation: { value: expect.stringContaining('The other') } })
})

test('nothing comes in comments, strings and numbers, or where a new name is invented', async () => {
  for (const text of ['// a|', '/* a| */', `${BODY}  peer x image "o|"`, `${BODY}  channel x one -> two 4|`]) {
    expect(await labels(text)).toEqual([])
  }
  for (const text of ['workflow |', `${BODY}  peer |`, `${BODY}  channel |`]) expect(await labels(text)).toEqual([])
})

test('the blanks that indent a line bring nothing up', async () => {
  const context = { triggerKind: CompletionTriggerKind.TriggerCharacter, triggerCharacter: ' ' } as const
  expect(await labels(`${BODY}  |`, context)).toEqual([])
  expect(await labels(`${BODY}  use |`, context, 'b.mica')).toEqual([])
  expect(await labels(`${BODY}  channel x |`, context)).toContain('one')
})
