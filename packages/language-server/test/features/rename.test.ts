import { check, hasErrors } from '@mica/dsl'
import { expect, test } from 'vitest'
import { PrepareRenameRequest, RenameRequest, type WorkspaceEdit } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Project } from '../in-process.ts'
import { LIBRARY, USER } from '../texts.ts'

const OTHER = `import "lib/sandbox.mica"
workflow other {
  gateway peer gate image "gate.ts"
  peer one image "one.ts"
  channel nic gate <-> host 64 KiB
  use sandbox(gate, one, FRAME) as s
  assert s_in reaches s_out
}
`

async function opened() {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY, 'other.mica': OTHER })
  const { client } = project
  await client.open(project.uri('user.mica'), USER)
  await client.open(project.uri('lib/sandbox.mica'), LIBRARY)
  const at = (file: string, place: string | number, options = {}) => {
    const uri = project.uri(file)
    const position = typeof place === 'number' ? client.document(uri).positionAt(place) : client.at(uri, place, options)
    return { textDocument: { uri }, position }
  }
  return {
    project,
    prepare: async (...where: Parameters<typeof at>) =>
      client.connection.sendRequest(PrepareRenameRequest.type, at(...where)),
    rename: async (newName: string, ...where: Parameters<typeof at>) =>
      client.connection.sendRequest(RenameRequest.type, { ...at(...where), newName }),
  }
}

/** The files after a rename. */
function applied(edit: WorkspaceEdit | null, project: Project): Readonly<Record<string, string>> {
  const texts: Record<string, string> = { 'user.mica': USER, 'lib/sandbox.mica': LIBRARY, 'other.mica': OTHER }
  for (const [uri, edits] of Object.entries(edit?.changes ?? {})) {
    const name = project.name(uri)
    texts[name] = TextDocument.applyEdits(TextDocument.create(uri, 'mica', 1, texts[name]!), edits)
  }
  return texts
}

test('a name is changed wherever it is used', async () => {
  const { project, rename } = await opened()
  const texts = applied(await rename('door', 'user.mica', 'gate, one'), project)
  expect(texts['user.mica']).toBe(USER.replaceAll(/\bgate\b(?!\.ts)/g, 'door'))
  expect(texts['lib/sandbox.mica']).toBe(LIBRARY)
  expect(texts['other.mica']).toBe(OTHER)
})

test('a name of an imported file is changed in every file of the project, and all of them are still without errors', async () => {
  const { project, rename } = await opened()
  for (const [place, name] of [
    ['FRAME', 'PICTURE'],
    ['sandbox(', 'cage'],
    ['in  user', 'into'],
    ['size)', 'amount'],
  ]) {
    const texts = applied(await rename(name!, 'lib/sandbox.mica', place!), project)
    expect(texts['lib/sandbox.mica']).not.toBe(LIBRARY)
    for (const file of ['user.mica', 'other.mica']) {
      const { diagnostics } = check(texts[file]!, { file, read: (path) => texts[path] })
      expect(hasErrors(diagnostics)).toBe(false)
    }
  }
})

test('at every name a rename changes that name alone, and leaves no file with an error', async () => {
  const { project, rename } = await opened()
  const read = (texts: Readonly<Record<string, string>>) => (path: string) => texts[path]
  const originals = applied(null, project)
  const { symbols } = check(USER, { file: 'user.mica', read: read(originals) })
  expect(symbols.length).toBeGreaterThan(12)
  for (const { name, declaration } of symbols) {
    const texts = applied(await rename('fresh_1', declaration.file, declaration.offset), project)
    for (const [file, text] of Object.entries(texts)) {
      expect(text.replaceAll('fresh_1', name)).toBe(originals[file])
      expect(hasErrors(check(text, { file, read: read(texts) }).diagnostics)).toBe(false)
    }
    expect(texts[declaration.file]).not.toBe(originals[declaration.file])
  }
})

test('an instance is renamed in the names that begin with it', async () => {
  const { project, rename } = await opened()
  const texts = applied(await rename('box', 'user.mica', 's1_in'), project)
  expect(texts['user.mica']).toContain('as box\n')
  expect(texts['user.mica']).toContain('assert box_in reaches box_out')
})

test('before a rename the name is shown as it is; what is no name cannot be renamed', async () => {
  const { prepare } = await opened()
  expect(await prepare('user.mica', 's1_out', { plus: 3 })).toMatchObject({ placeholder: 'out' })
  await expect(prepare('user.mica', 'workflow')).rejects.toThrow('nothing here has a name of its own')
})

test.each([
  ['a word of the language', 'peer', /`peer` is not a name/],
  ['no name at all', 'a b', /`a b` is not a name/],
  ['too long', 'x'.repeat(33), /is not a name/],
  ['taken', 'one', /`one` cannot be the name: the name `one` is taken/],
  ['taken by a channel', 'nic', /the name `nic` is taken/],
  ['that of a memory of an instance', 's1_in', /`s1_in` cannot be the name/],
])('a new name that is %s is refused', async (_, name, message) => {
  const { rename } = await opened()
  await expect(rename(name, 'user.mica', 'gate')).rejects.toThrow(message)
})

test('a new name that fits here and not in another file of the project is refused', async () => {
  const { project, rename } = await opened()
  project.write(
    'other.mica',
    OTHER.replace('FRAME) as s', 'FRAME) as a-name-of-28-characters-----'.replaceAll('--', '-')),
  )
  project.write('other.mica', OTHER.replaceAll(/\bs\b|\bs(?=_)/g, 'a_name_of_twenty_nine_letters'))
  await expect(rename('into', 'lib/sandbox.mica', 'in  user')).rejects.toThrow(/more than 32/)
})

test('a new name that would give another name a new meaning is refused', async () => {
  const project = await Project.with({})
  const uri = project.uri('a.mica')
  const text = 'let SIZE = 4 KiB\npattern p(a, b, size) {\n  channel x a -> b SIZE\n  channel y a -> b size\n}\n'
  await project.client.open(uri, text)
  const position = project.client.at(uri, 'size')
  const asked = { textDocument: { uri }, position, newName: 'SIZE' }
  await expect(project.client.connection.sendRequest(RenameRequest.type, asked)).rejects.toThrow(
    '`SIZE` cannot be the name: `SIZE` would stand for something else',
  )
})
