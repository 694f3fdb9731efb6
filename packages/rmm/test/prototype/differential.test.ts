import { existsSync, readFileSync } from 'node:fs'
import { decodePolyV1 } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { DEVIATIONS, moved, policyNamed, ROWS } from './documented.ts'
import { play } from './situation.ts'

const deviationOf = (row: string) => DEVIATIONS.find((deviation) => deviation.row === row)

describe('what the documentation of the prototype says of', () => {
  test.each(ROWS.map((row) => [row.id, row.text, row] as const))(
    '%s (%s) holds here, but for what is listed',
    (id, _, row) => {
      const observed = play(row)
      expect(observed.length).toBeGreaterThan(0)
      const different = observed
        .filter(({ theirs, ours }) => ours !== theirs)
        .map(({ step, ours }) => `${step}: ${ours}`)
      expect(different).toEqual(deviationOf(id)?.ours ?? [])
      // Two refusals agree only if they are of the same thing.
      const agreed = observed.filter(({ theirs, ours }) => ours === 'refused' && theirs === ours)
      expect(agreed.flatMap(({ refusal }) => refusal ?? []).join()).toBe(row.refusal ?? '')
    },
  )
})

test('every deviation is of a row, has a reason, and is shown by a test', () => {
  const rows = new Set(ROWS.map(({ id }) => id))
  for (const { row, weakness, reason, ours, test: shown } of DEVIATIONS) {
    expect(rows, row).toContain(row)
    expect(weakness).toMatch(/^(W([1-9]|[1-3]\d|4[0-4])|\d\.\d)$/)
    expect(reason.length).toBeGreaterThan(10)
    expect(ours.length).toBeGreaterThan(0)
    expect(existsSync(new URL(`../${shown}`, import.meta.url)), shown).toBe(true)
  }
  expect(new Set(DEVIATIONS.map(({ row }) => row)).size).toBe(DEVIATIONS.length)
  expect(rows.size).toBe(ROWS.length)
})

test('the table of deviations in the README is this list', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
  const rows = DEVIATIONS.map(({ row, weakness, ours, reason, test: shown }) => {
    const { text, section } = ROWS.find(({ id }) => id === row)!
    const name = shown.split('/').at(-1)!.replace('.test.ts', '')
    const here = ours.map((step) => `\`${step}\``).join('; ')
    return `| ${weakness} | ${text} (${section}) | ${here} | ${reason}: [${name}](../${shown}) |`
  })
  expect(readme.split('\n').filter((line) => /^\| (W\d|\d)/.test(line))).toEqual(rows)
})

const published = new URL('../../../policy/test/poly-v1/prototype/vectors.json', import.meta.url)
const wires: Readonly<Record<string, { readonly wire: string }>> = JSON.parse(readFileSync(published, 'utf8'))

/** Where the published policies have their two devices, against where the table has them. */
const RELOCATED: readonly (readonly [granule: number, place: number])[] = [
  [0x180_0000_0000 / 4096, 0x200],
  [0x180_0400_0000 / 4096, 0x2000],
  [0x80_1000_0000 / 4096, 0x200],
]

test.each(Object.entries(wires))(
  '%s is the published policy, with its devices in the protected half',
  (name, { wire }) => {
    const decoded = decodePolyV1(Uint8Array.from(Buffer.from(wire, 'hex')))
    if (decoded.kind === 'refused') throw new Error(decoded.fact.rule)
    const memories = decoded.policy.memories.map((memory) => ({
      ...memory,
      mappings: memory.mappings.map((mapping) => {
        const [, place] = RELOCATED.find(([granule]) => granule === mapping.ipaGranule)!
        return { ...mapping, ipaGranule: place }
      }),
    }))
    expect({ ...decoded.policy, memories }).toEqual(moved(policyNamed(name), 0))
  },
)
