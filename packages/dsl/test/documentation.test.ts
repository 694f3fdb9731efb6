import { readFileSync } from 'node:fs'
import { hasErrors } from '@mica/dsl'
import { describe, expect, test } from 'vitest'
import { diagnosticsOf, folder, indexOf, pages, withMessage } from '../docs/page.ts'
import { withFix } from './with-fix.ts'

const sources = ['../src/diagnostics.ts', '../src/import/messages.ts']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('')
const codes = [...new Set([...sources.matchAll(/'(MICA1\d{3})'/g)].map(([, code]) => code))].sort()
const all = pages()
const remedy = 'npx tsx -C mica-source packages/dsl/docs/write.ts writes it'

/** What cannot be wrong alone: too many problems are too many of some kind, and strangers are peers without identity. */
const BESIDE: Readonly<Record<string, string>> = { MICA1010: 'MICA1201', MICA1911: 'MICA1903' }

test('every code has a page, and every page a code', () => {
  expect(all.map(({ code }) => code)).toEqual(codes)
})

test('the index lists every page', () => {
  expect(readFileSync(new URL('README.md', folder), 'utf8'), remedy).toBe(indexOf(all))
})

describe.each(all)('the page of $code', (page) => {
  const { code, wrong, right } = page
  const found = diagnosticsOf(wrong)

  test('has a wrong example with this problem and no other', () => {
    const kinds = new Set(found.map((diagnostic) => diagnostic.code))
    expect([...kinds].filter((other) => other !== BESIDE[code])).toEqual([code])
  })

  test('shows what is said of it', () => {
    expect(page.text, remedy).toBe(withMessage(page, found))
  })

  test('says what to do', () => {
    expect(page.text).toMatch(/^What to do: .+\.$/ms)
  })

  test('has a right example without it, and without errors', () => {
    const left = diagnosticsOf(right)
    expect(left.map((diagnostic) => diagnostic.code)).not.toContain(code)
    expect(left.filter((diagnostic) => hasErrors([diagnostic])).map(({ message }) => message)).toEqual([])
  })

  const fixes = found.flatMap(({ fix }) => fix ?? [])
  if (fixes.length > 0) {
    test(`has a wrong example that is repaired when fixes are taken: ${fixes[0]?.title}`, () => {
      // One at a time: what is left after one may be said of other places.
      let text = wrong.source
      for (let taken = 0; taken < 8; taken++) {
        const [next] = diagnosticsOf({ ...wrong, source: text }).filter((each) => each.code === code)
        if (next?.fix !== undefined) text = withFix(text, next.fix)
      }
      expect(diagnosticsOf({ ...wrong, source: text }).map((each) => each.code)).not.toContain(code)
    })
  }
})
