import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { check } from '@mica/dsl'
import { expect, test } from 'vitest'
import { type CodeAction, CodeActionKind, CodeActionRequest, type Diagnostic } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Project } from '../in-process.ts'
import { LIBRARY, PIPELINE, USER } from '../texts.ts'

const START = { line: 0, character: 0 }

async function actions(project: Project, uri: string, { range }: Pick<Diagnostic, 'range'>): Promise<CodeAction[]> {
  const asked = { textDocument: { uri }, range, context: { diagnostics: [] } }
  const answer = await project.client.connection.sendRequest(CodeActionRequest.type, asked)
  return (answer ?? []).filter((action): action is CodeAction => 'edit' in action)
}

/** The wrong examples of the pages about diagnostics: the file itself, then those that it imports by their names. */
const pages = new URL('../../../dsl/docs/diagnostics/', import.meta.url)
const examples = readdirSync(pages)
  .filter((file) => file.startsWith('MICA'))
  .map((file) => {
    const [wrong = ''] = readFileSync(new URL(file, pages), 'utf8').split(/^Right:$/m)
    const blocks = [...wrong.matchAll(/^```mica ?(.*)\n([\s\S]*?)^```$/gm)]
    const files = Object.fromEntries(blocks.slice(1).map(([, name = '', text = '']) => [name, text]))
    return { code: file.slice(0, 'MICA1234'.length), text: blocks[0]?.[2] ?? '', files }
  })

test('applying the fix of a diagnostic removes it, in the example of every page that has one', async () => {
  const repaired = new Set<unknown>()
  const project = await Project.with({})
  const { client } = project
  for (const { code, text, files } of examples) {
    for (const [name, contents] of Object.entries(files)) project.write(`${code}/${name}`, contents)
    const uri = project.uri(`${code}/policy.mica`)
    const { diagnostics } = await client.open(uri, text)
    const withFix = check(text, { file: 'policy.mica', read: (path) => files[path] }).diagnostics.filter(
      ({ fix }) => fix,
    )
    const whole = { start: START, end: client.document(uri).positionAt(text.length) }
    expect(await actions(project, uri, { range: whole }), code).toHaveLength(withFix.length)
    for (const problem of diagnostics) {
      const offered = await actions(project, uri, problem)
      const action = offered.find((one) => isDeepStrictEqual(one.diagnostics, [problem]))
      if (action === undefined) continue
      expect(action, code).toMatchObject({ kind: CodeActionKind.QuickFix, isPreferred: true })
      const fixed = TextDocument.applyEdits(
        TextDocument.create(uri, 'mica', 0, text),
        action.edit?.changes?.[uri] ?? [],
      )
      const after = await client.change(uri, whole, fixed)
      const count = (among: readonly Diagnostic[]): number => among.filter((one) => one.code === problem.code).length
      expect(count(after.diagnostics), `${code} after \`${action.title}\``).toBeLessThan(count(diagnostics))
      await client.change(uri, { start: START, end: client.document(uri).positionAt(fixed.length) }, text)
      repaired.add(problem.code)
    }
    client.close(uri)
  }
  expect(repaired.size).toBeGreaterThan(15)
})

test('what is wrong in an imported file is repaired in that file', async () => {
  const library = LIBRARY.replace('64 KiB', '64 KIB')
  const project = await Project.with({ 'lib/sandbox.mica': library })
  const uri = project.uri('user.mica')
  const { diagnostics } = await project.client.open(uri, USER)
  const [action] = await actions(project, uri, diagnostics.find(({ code }) => code === 'MICA1303')!)
  const at = { line: 0, character: 15 }
  expect(action?.edit?.changes).toEqual({
    [project.uri('lib/sandbox.mica')]: [{ range: { start: at, end: { ...at, character: 18 } }, newText: 'KiB' }],
  })
})

test('a place where nothing can be repaired has no actions', async () => {
  const project = await Project.with({})
  const uri = project.uri('a.mica')
  await project.client.open(uri, PIPELINE.replace('gate -> encoder', 'gate -> encodr'))
  expect(await actions(project, uri, { range: project.client.range(uri, 'workflow') })).toEqual([])
})
