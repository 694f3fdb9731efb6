import { readdirSync, readFileSync } from 'node:fs'
import { compile, type Diagnostic, describeWorkflow, format, renderDiagnostic } from '@mica/dsl'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rimOfName } from './rim-of-name.ts'

const folder = new URL('./golden/', import.meta.url)
const programs = readdirSync(folder).map((name) => readFileSync(new URL(`${name}/policy.mica`, folder), 'utf8'))
const words = [...new Set(programs.join('\n').match(/[A-Za-z_][\w-]*|\d+|[^\s\w]+|\n/g))]

/** Compiles, shows everything there is to show, and returns the diagnostics with their places checked. */
function survive(input: string | Uint8Array): readonly Diagnostic[] {
  const { diagnostics, workflow, views, blobs, symbols } = compile(input, { file: 'random.mica', rimOf: rimOfName })
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  for (const diagnostic of diagnostics) {
    for (const { span } of [diagnostic, ...diagnostic.related]) {
      const before = text.slice(0, span.offset).split(/\r\n|\r|\n/)
      expect([span.line, span.column]).toEqual([before.length, (before.at(-1)?.length ?? 0) + 1])
      expect(span.offset + span.length).toBeLessThanOrEqual(text.length)
    }
    expect(diagnostic.message).not.toMatch(/[\n\r]|undefined|\[object/)
    renderDiagnostic(diagnostic, text, { color: true })
  }
  if (workflow !== undefined) expect(describeWorkflow(workflow)).not.toContain('undefined')
  for (const { name, uses } of symbols) {
    for (const { offset, length } of uses) expect(text.slice(offset, offset + length)).toBe(name)
  }
  // A file without a workflow or policy has been told why, and only a file without errors has blobs.
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error')
  expect(workflow === undefined && views.length === 0).toBe(failed)
  if (failed) expect(blobs.size).toBe(0)
  const formatted = format(input, { file: 'random.mica' })
  if (formatted.diagnostics.length === 0) {
    expect(format(formatted.text, { file: 'random.mica' })).toEqual(formatted)
  } else expect(formatted.text).toBe(text)
  return diagnostics
}

test('any text gives diagnostics and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void survive(text)),
    { numRuns: 120 },
  )
})

test('any bytes give diagnostics and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void survive(bytes)),
    { numRuns: 120 },
  )
})

test('any sequence of words gives diagnostics and nothing else', () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(' '))
  fc.assert(
    fc.property(soup, (text) => {
      survive(text)
      survive(`workflow w { peer a image "a" peer b ${text}`)
    }),
    { numRuns: 120 },
  )
})

test('any program with parts cut, doubled or exchanged gives diagnostics and nothing else', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...programs),
      fc.array(fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...words, '')), { maxLength: 4 }),
    )
    .map(([program, cuts]) =>
      cuts.reduce((text, [at, length, replacement]) => {
        const start = at % (text.length + 1)
        return `${text.slice(0, start)} ${replacement} ${text.slice(start + length)}`
      }, program),
    )
  fc.assert(
    fc.property(mutated, (text) => void survive(text)),
    { numRuns: 150 },
  )
})
