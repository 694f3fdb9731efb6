import { check } from '@mica/dsl'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Project } from './in-process.ts'
import { LIBRARY, USER } from './texts.ts'

const FRAGMENTS = [
  ...'workflow peer channel use assert sandbox gate one s1_in s2 FRAME let pattern import -> <-> { } ( ) , = 4 KiB'.split(
    ' ',
  ),
  '"lib/sandbox.mica"',
  '🦉',
  'é\r\n',
  '\n',
  '// ',
  '/*',
  '"',
  '',
]

const edit = fc.record({
  inLibrary: fc.boolean(),
  start: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(12),
  text: fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 3 }).map((parts) => parts.join(' ')),
})

test('after any edits the editor was told what a fresh check of its documents says', async () => {
  const project = await Project.with({})
  const { client } = project
  const [library, user] = [project.uri('lib/sandbox.mica'), project.uri('user.mica')]
  await client.open(library, LIBRARY)
  await client.open(user, USER)
  const replace = (uri: string, from: number, to: number, text: string): number => {
    const document = client.document(uri)
    return client.edit(uri, { start: document.positionAt(from), end: document.positionAt(to) }, text)
  }
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
      for (const [uri, text] of [
        [library, LIBRARY],
        [user, USER],
      ] as const) {
        replace(uri, 0, client.text(uri).length, text)
      }
      for (const { inLibrary, start, length, text } of edits) {
        const uri = inLibrary ? library : user
        const from = Math.floor(start * client.text(uri).length)
        replace(uri, from, from + length, text)
      }
      const versions = [library, user].map((uri) => replace(uri, client.text(uri).length, client.text(uri).length, ' '))
      const told = await Promise.all([library, user].map((uri, index) => client.diagnostics(uri, versions[index]!)))
      for (const [index, uri] of [library, user].entries()) {
        const document = client.document(uri)
        const fresh = check(document.getText(), {
          file: index === 0 ? 'lib/sandbox.mica' : 'user.mica',
          read: (path) =>
            path === 'lib/sandbox.mica' ? client.text(library) : path === 'user.mica' ? client.text(user) : undefined,
        })
        expect(told[index]!.diagnostics.map(({ code }) => code)).toEqual(fresh.diagnostics.map(({ code }) => code))
        const own = fresh.diagnostics.flatMap(({ code, span }) => {
          const isHere = span.file === (index === 0 ? 'lib/sandbox.mica' : 'user.mica')
          const [start, end] = [span.offset, span.offset + span.length].map((offset) => document.positionAt(offset))
          return isHere ? [{ code, range: { start, end } }] : []
        })
        expect(told[index]!.diagnostics).toEqual(expect.arrayContaining(own.map((one) => expect.objectContaining(one))))
      }
    }),
    { numRuns: 25 },
  )
})
