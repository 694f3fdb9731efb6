import { expect, test } from 'vitest'
import { DefinitionRequest } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY, USER } from '../texts.ts'

const START = { line: 0, character: 0 }

async function opened() {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  const { client } = project
  const [uri, library] = [project.uri('user.mica'), project.uri('lib/sandbox.mica')]
  await client.open(uri, USER)
  await client.open(library, LIBRARY)
  const definition = async (place: string, options = {}) =>
    client.connection.sendRequest(DefinitionRequest.type, {
      textDocument: { uri },
      position: client.at(uri, place, options),
    })
  return { project, client, uri, library, definition }
}

test('a name leads to its declaration', async () => {
  const { client, uri, definition } = await opened()
  expect(await definition('gate, one', { plus: 2 })).toEqual({ uri, range: client.range(uri, 'gate') })
})

test('a name of an imported file leads into that file', async () => {
  const { client, library, definition } = await opened()
  expect(await definition('FRAME')).toEqual({ uri: library, range: client.range(library, 'FRAME') })
  expect(await definition('sandbox(')).toEqual({ uri: library, range: client.range(library, 'sandbox') })
})

test('the parts of the name of an instance lead to the instance and to the item of the pattern', async () => {
  const { client, uri, library, definition } = await opened()
  expect(await definition('s1_in')).toEqual({ uri, range: client.range(uri, 's1') })
  const start = client.at(library, 'in  user')
  const range = { start, end: { ...start, character: start.character + 2 } }
  expect(await definition('s1_in', { plus: 4 })).toEqual({ uri: library, range })
})

test('an import leads to the file', async () => {
  const { library, definition } = await opened()
  expect(await definition('lib/')).toEqual({ uri: library, range: { start: START, end: START } })
})

test('an image leads to its source, if that is there', async () => {
  const { project, definition } = await opened()
  expect(await definition('one.ts')).toBe(null)
  project.write('one.ts', '')
  expect(await definition('one.ts')).toEqual({ uri: project.uri('one.ts'), range: { start: START, end: START } })
})

test('what is no name leads nowhere', async () => {
  const { definition } = await opened()
  expect(await definition('workflow')).toBe(null)
  expect(await definition('8 KiB')).toBe(null)
})
