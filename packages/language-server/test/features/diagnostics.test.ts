import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  DiagnosticSeverity,
  DiagnosticTag,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY, PIPELINE, USER } from '../texts.ts'

const codes = ({ diagnostics }: PublishDiagnosticsParams): unknown[] => diagnostics.map(({ code }) => code)

test('a document is checked when it is opened, and at every change', async () => {
  const project = await Project.with({})
  const { client } = project
  const uri = project.uri('a.mica')
  expect(codes(await client.open(uri, PIPELINE))).toEqual([])
  expect(codes(await client.change(uri, client.range(uri, 'gate -> encoder'), 'gate -> encodr'))).toContain('MICA1201')
  expect(codes(await client.change(uri, client.range(uri, 'encodr'), 'encoder'))).toEqual([])
})

test('a diagnostic has code, severity, help and related places', async () => {
  const project = await Project.with({})
  const { client } = project
  const uri = project.uri('a.mica')
  const text = PIPELINE.replace('channel coded encoder -> gate', 'channel raw encodr -> gate')
  const { diagnostics } = await client.open(uri, text)
  const [unknown, taken] = ['MICA1201', 'MICA1202'].map((code) => diagnostics.find((one) => one.code === code)!)
  expect(unknown).toMatchObject({
    severity: DiagnosticSeverity.Error,
    source: 'mica',
    message: 'unknown peer `encodr`\nhelp: did you mean `encoder`',
    range: client.range(uri, 'encodr'),
  })
  expect(taken?.relatedInformation?.map(({ location }) => location)).toEqual([
    { uri, range: { start: client.at(uri, 'raw'), end: client.at(uri, 'raw', { plus: 3 }) } },
  ])
})

test('what could be left out is shown as unnecessary, and is a warning', async () => {
  const project = await Project.with({})
  const text = PIPELINE.replace('  channel raw', '  peer idle image "idle.ts"\n  channel raw')
  const { diagnostics } = await project.client.open(project.uri('a.mica'), text)
  expect(diagnostics).toMatchObject([
    { code: 'MICA1902', severity: DiagnosticSeverity.Warning, tags: [DiagnosticTag.Unnecessary] },
  ])
})

test('places count UTF-16 units, whatever stands before them in the line', async () => {
  const project = await Project.with({})
  const { client } = project
  const uri = project.uri('ü 名.mica')
  const { diagnostics } = await client.open(uri, PIPELINE.replace('gate -> encoder', '/* 🦉é */ gate -> encodr'))
  expect(diagnostics.map(({ range }) => range)).toEqual([client.range(uri, 'encodr')])
})

test('lines may end in any way', async () => {
  const project = await Project.with({})
  for (const end of ['\r\n', '\r']) {
    const uri = project.uri(`${end.length}.mica`)
    const { diagnostics } = await project.client.open(uri, PIPELINE.replace('-> encoder', '-> x').replaceAll('\n', end))
    expect(diagnostics[0]?.range.start).toMatchObject({ line: 6 })
  }
})

test('an imported document is read as it is written in the editor, saved or not', async () => {
  const project = await Project.with({ 'lib/sandbox.mica': 'nothing' })
  const { client } = project
  const [library, user] = [project.uri('lib/sandbox.mica'), project.uri('user.mica')]
  await client.open(library, LIBRARY)
  expect(codes(await client.open(user, USER))).toEqual([])
  client.edit(library, client.range(library, 'FRAME'), 'PICTURE')
  expect(codes(await client.diagnostics(user))).toEqual(['MICA1201'])
})

test('an imported file that is not open is read from the disk, again when it changes', async () => {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  const { client } = project
  const user = project.uri('user.mica')
  expect(codes(await client.open(user, USER))).toEqual([])
  const changes: FileEvent[] = [{ uri: project.uri('lib/sandbox.mica'), type: FileChangeType.Changed }]
  project.write('lib/sandbox.mica', LIBRARY.replace('FRAME', 'PICTURE'))
  void client.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes })
  expect(codes(await client.diagnostics(user))).toEqual(['MICA1201'])
  rmSync(join(project.folder, 'lib'), { recursive: true })
  void client.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes })
  expect(codes(await client.diagnostics(user))).toContain('MICA1107')
})

test('what is wrong in an imported file stands at the import, with the place itself beside it', async () => {
  const library = LIBRARY.replace('64 KiB', '64 kib')
  const middle = 'import "sandbox.mica"\n'
  const project = await Project.with({ 'lib/sandbox.mica': library, 'lib/middle.mica': middle })
  const { client } = project
  const uri = project.uri('user.mica')
  const { diagnostics } = await client.open(uri, USER.replace('lib/sandbox', 'lib/middle'))
  expect(diagnostics.find(({ code }) => code === 'MICA1303')).toMatchObject({
    range: client.range(uri, 'import "lib/middle.mica"'),
    relatedInformation: [
      { location: { uri: project.uri('lib/sandbox.mica'), range: { start: { line: 0, character: 15 } } } },
    ],
  })
})

test('what one use makes wrong in a pattern of another file stands at the use', async () => {
  const library = `${LIBRARY.slice(0, -2)}  assert out never reaches user\n}\n`
  const project = await Project.with({ 'lib/sandbox.mica': library })
  const { client } = project
  const uri = project.uri('user.mica')
  const { diagnostics } = await client.open(uri, USER)
  const violated = diagnostics.filter(({ code }) => code === 'MICA1701')
  expect(violated.map(({ range }) => range.start.line)).toEqual([7, 8])
})

test('imports that lead in a circle are said so in each of the files', async () => {
  const project = await Project.with({})
  const { client } = project
  const [a, b] = [project.uri('a.mica'), project.uri('b.mica')]
  await client.open(a, 'import "b.mica"\nlet A = 4 KiB\n')
  const b1 = await client.open(b, 'import "a.mica"\nlet B = 4 KiB\n')
  const a2 = await client.diagnostics(a)
  for (const published of [a2, b1]) {
    expect(codes(published)).toEqual(['MICA1108'])
    expect(published.diagnostics[0]?.range.start).toEqual({ line: 0, character: 0 })
  }
})

test('an import may not leave the folder of the project', async () => {
  const project = await Project.with({ 'inner/package.json': '{}', 'lib/sandbox.mica': LIBRARY })
  const { diagnostics } = await project.client.open(project.uri('inner/a.mica'), 'import "../lib/sandbox.mica"\n')
  expect(diagnostics.map(({ code }) => code)).toEqual(['MICA1106'])
})

test('a document that is no file is checked, and imports nothing', async () => {
  const { client } = await Project.with({})
  expect(codes(await client.open('untitled:Untitled-1', PIPELINE))).toEqual([])
  expect(codes(await client.open('untitled:Untitled-2', USER))).toContain('MICA1107')
})

test('what is said of a document is taken back when it is closed', async () => {
  const project = await Project.with({})
  const { client } = project
  const uri = project.uri('a.mica')
  expect(codes(await client.open(uri, 'workflow'))).toHaveLength(1)
  client.close(uri)
  expect(codes(await client.diagnostics(uri))).toEqual([])
})
