import { expect, test } from 'vitest'
import { SemanticTokensRequest } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY } from '../texts.ts'

/** Every coloured part of a text, and its type with its modifiers. */
async function parts(text: string): Promise<string[]> {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  const { client } = project
  const { capabilities } = await client.initialize(project.folder)
  const legend = capabilities.semanticTokensProvider?.legend
  const uri = project.uri('a.mica')
  await client.open(uri, text)
  const { data } = (await client.connection.sendRequest(SemanticTokensRequest.type, { textDocument: { uri } }))!
  const document = client.document(uri)
  const found: string[] = []
  let [line, character] = [0, 0]
  for (let index = 0; index < data.length; index += 5) {
    const [down, right, length, type, modifiers] = data.slice(index, index + 5) as [
      number,
      number,
      number,
      number,
      number,
    ]
    character = down > 0 ? right : character + right
    line += down
    const start = document.offsetAt({ line, character })
    const words = legend?.tokenModifiers.filter((_, bit) => (modifiers & (1 << bit)) !== 0) ?? []
    found.push([document.getText().slice(start, start + length), legend?.tokenTypes[type], ...words].join(' '))
  }
  return found
}

test('names are what they stand for, words only where they are words', async () => {
  const text = `import "lib/sandbox.mica"
/// 🦉
workflow w {
  peer image image "x.ts"
  channel a image -> any(2) FRAME
  use sandbox(image, image, 4 KiB) as s
  transition image { call host_call, 0x1..0x2: allow }
  assert s_in reaches image
}`
  expect(await parts(text)).toEqual([
    'import keyword',
    '"lib/sandbox.mica" string',
    '/// 🦉 comment documentation',
    'workflow keyword',
    'w namespace declaration',
    'peer keyword',
    'image class declaration',
    'image keyword',
    '"x.ts" string',
    'channel keyword',
    'a interface declaration',
    'image class',
    '-> operator',
    'any keyword',
    '2 number',
    'FRAME variable readonly',
    'use keyword',
    'sandbox function',
    'image class',
    'image class',
    '4 number',
    'KiB keyword',
    'as keyword',
    's namespace declaration',
    'transition keyword',
    'image class',
    'call keyword',
    'host_call enumMember',
    '0x1 number',
    '.. operator',
    '0x2 number',
    'allow keyword',
    'assert keyword',
    's namespace',
    'in interface',
    'reaches keyword',
    'image class',
  ])
})

test('a comment over several lines is one part for each line', async () => {
  expect(await parts('/* one\r\n\r\n two */ let A = 4 KiB')).toEqual([
    '/* one comment',
    ' two */ comment',
    'let keyword',
    'A variable declaration readonly',
    '= operator',
    '4 number',
    'KiB keyword',
  ])
})
