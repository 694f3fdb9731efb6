import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const source = readFileSync(new URL('../src/diagnostics.ts', import.meta.url), 'utf8')
const codes = [...source.matchAll(/'(MICA1\d{3})'/g)].map(([, code]) => code)

/** Codes that no short file can show; other tests of this package do. */
const shownElsewhere = [
  'MICA1001',
  'MICA1002',
  'MICA1010',
  'MICA1109',
  'MICA1209',
  'MICA1212',
  'MICA1403',
  'MICA1406',
  'MICA1515',
  'MICA1516',
  'MICA1801',
  'MICA1802',
  'MICA1804',
  'MICA1912',
  'MICA1913',
]

test('codes stand in order', () => {
  expect(codes).toEqual([...codes].sort())
})

test('every code is shown by a golden case', () => {
  const folder = new URL('./golden/', import.meta.url)
  const shown = readdirSync(folder).map((name) => readFileSync(new URL(`${name}/diagnostics.txt`, folder), 'utf8'))
  const missing = codes.filter((code) => !shown.some((text) => text.includes(String(code))))
  expect([...new Set(missing)]).toEqual(shownElsewhere)
})
