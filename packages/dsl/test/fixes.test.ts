import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { compile, type Diagnostic } from '@mica/dsl'
import { expect, test } from 'vitest'
import { rimOfName } from './rim-of-name.ts'
import { withFix } from './with-fix.ts'

const folder = new URL('./golden/', import.meta.url)

/** A golden case as far as its fixes go: those of the one file that is compiled. */
function compiled(name: string, text: string): readonly Diagnostic[] {
  const read = (path: string): Uint8Array | undefined => {
    const file = new URL(`${name}/${path}`, folder)
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
  }
  return compile(text, { file: 'policy.mica', read, rimOf: rimOfName }).diagnostics
}

const offered = readdirSync(folder).flatMap((name) => {
  const text = readFileSync(new URL(`${name}/policy.mica`, folder), 'utf8')
  return compiled(name, text).flatMap((diagnostic) =>
    diagnostic.fix === undefined || diagnostic.span.file !== 'policy.mica'
      ? []
      : [{ name, text, fix: diagnostic.fix, diagnostic }],
  )
})

test('many kinds of problems have a fix', () => {
  expect(new Set(offered.map(({ diagnostic }) => diagnostic.code)).size).toBeGreaterThan(18)
})

test.each(offered)('$diagnostic.code in $name: $fix.title', ({ name, text, fix, diagnostic }) => {
  const fixed = withFix(text, fix)
  const same = (other: Diagnostic): boolean => other.code === diagnostic.code && other.message === diagnostic.message
  const before = compiled(name, text).filter(same).length
  expect(compiled(name, fixed).filter(same).length).toBeLessThan(before)
})
