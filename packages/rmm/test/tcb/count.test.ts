import { expect, test } from 'vitest'
import { codeLines } from '../../tcb/code-lines.ts'
import { countTrusted } from '../../tcb/count.ts'
import { valueImports } from '../../tcb/imports.ts'

test('lines of code are those that are neither blank nor comment, whatever strings look like', () => {
  const source = [
    '/** A comment',
    ' * of two lines. */',
    'const address = "x" // code with a comment',
    '',
    '// nothing but comment',
    "const url = 'https://example.org/*' /* here */",
    'const text = `one',
    '// still text`',
    '/* before */ call() /* behind */',
  ].join('\n')
  expect(codeLines(source)).toBe(5)
})

test('an import of types alone is none', () => {
  const source = [
    "import type { A } from './a.ts'",
    "import { type B } from './b.ts'",
    "import { type C, d, e as f } from './d.ts'",
    "export { g } from './g.ts'",
    "import * as h from './h.ts'",
    "import {\n  i,\n  type J,\n} from './i.ts'",
  ].join('\n')
  expect(valueImports(source)).toEqual([
    { from: './d.ts', names: ['d', 'e'] },
    { from: './g.ts', names: ['g'] },
    { from: './h.ts', names: ['*'] },
    { from: './i.ts', names: ['i'] },
  ])
})

test('the parts are counted apart, and none is empty or larger than all of this could be', () => {
  const [monitor, extension, policy] = countTrusted()
  for (const { files, lines } of [monitor!, extension!, policy!]) {
    expect(files.length).toBeGreaterThan(5)
    // Some lines a file, and a file is at most 400 lines long.
    expect(lines / files.length).toBeGreaterThan(5)
    expect(lines / files.length).toBeLessThan(400)
  }
  expect(extension!.lines).toBeLessThan(monitor!.lines)
  expect(new Set([monitor!, extension!, policy!].flatMap(({ files }) => files)).size).toBe(
    monitor!.files.length + extension!.files.length + policy!.files.length,
  )
})

test('of the package of policies only what a monitor needs is counted: checks, not analyses', () => {
  const files = countTrusted()[2]!.files
  for (const needed of [
    'blob/decode.ts',
    'compatible/pair.ts',
    'compatible/strict.ts',
    'well-formed.ts',
    'cbor/decode.ts',
  ]) {
    expect(files).toContain(`policy/src/${needed}`)
  }
  expect(files.filter((file) => /\/diff\/|\/flow\/|\/(index|project)\.ts$/.test(file))).toEqual([])
})
