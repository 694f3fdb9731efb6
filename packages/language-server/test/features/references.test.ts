import { expect, test } from 'vitest'
import { ReferencesRequest } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY, USER } from '../texts.ts'

async function references(project: Project, file: string, place: string, includeDeclaration = true): Promise<string[]> {
  const { client } = project
  const uri = project.uri(file)
  const found = await client.connection.sendRequest(ReferencesRequest.type, {
    textDocument: { uri },
    position: client.at(uri, place),
    context: { includeDeclaration },
  })
  return (found ?? [])
    .map(({ uri: where, range }) => `${project.name(where)} ${range.start.line + 1}:${range.start.character + 1}`)
    .sort()
}

test('every place that names something is found, with its declaration or without', async () => {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  await project.client.open(project.uri('user.mica'), USER)
  const places = ['user.mica 4:16', 'user.mica 5:15', 'user.mica 8:15', 'user.mica 9:15']
  expect(await references(project, 'user.mica', 'gate, one')).toEqual(places)
  expect(await references(project, 'user.mica', 'gate, one', false)).toEqual(places.slice(1))
})

test('places in every file of the project that imports the declaration are found, open or not', async () => {
  const project = await Project.with({
    'lib/sandbox.mica': LIBRARY,
    'other.mica': `import "lib/sandbox.mica"\nlet TWICE = FRAME\n`,
    'middle.mica': `import "lib/sandbox.mica"\n`,
    'outer.mica': `import "middle.mica"\nlet THRICE = FRAME\n`,
    'stranger.mica': 'let FRAME = 4 KiB\nlet OTHER = FRAME\n',
    'node_modules/x/away.mica': `import "../../lib/sandbox.mica"\nlet AWAY = FRAME\n`,
  })
  await project.client.open(project.uri('user.mica'), USER)
  await project.client.open(project.uri('lib/sandbox.mica'), LIBRARY)
  expect(await references(project, 'lib/sandbox.mica', 'FRAME')).toEqual([
    'lib/sandbox.mica 1:5',
    'other.mica 2:13',
    'outer.mica 2:14',
    'user.mica 8:26',
  ])
})

test('an item of a pattern is found in the names of instances', async () => {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  await project.client.open(project.uri('user.mica'), USER)
  await project.client.open(project.uri('lib/sandbox.mica'), LIBRARY)
  expect(await references(project, 'lib/sandbox.mica', 'in  user', false)).toEqual(['user.mica 10:13'])
})

test('a place without a name has none', async () => {
  const project = await Project.with({})
  await project.client.open(project.uri('user.mica'), USER)
  expect(await references(project, 'user.mica', 'workflow')).toEqual([])
})
