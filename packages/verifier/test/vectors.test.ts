import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkFolder } from '../vectors/check-folder.ts'
import type { Outcome } from '../vectors/vector.ts'
import { haveVectors, vectorFolder } from './published-vectors.ts'

const own = fileURLToPath(new URL('./vectors', import.meta.url))
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

const failures = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.filter(({ passed }) => !passed).map(({ name, detail }) => `${name}: ${detail}`)

describe('the vectors that travel with the sources', () => {
  test('give what their expectation files say, whichever form these have', async () => {
    const outcomes = await checkFolder(own)
    expect(failures(outcomes)).toEqual([])
    expect(outcomes).toHaveLength(19)
  })

  test('that give something else are found, each by its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mica-vectors-'))
    try {
      cpSync(own, folder, { recursive: true })
      cpSync(join(own, 'pos-03-399-2023-2023.cbor'), join(folder, 'neg-03-binding-mismatch.cbor'))
      cpSync(join(own, 'group/A1-derived-nonce-0.cbor'), join(folder, 'group/A1.cbor'))
      cpSync(join(own, 'corim/plat-valid.cbor'), join(folder, 'corim/plat-flat-digests.cbor'))
      writeFileSync(join(folder, 'realm-claims.json'), '{}')
      const outcomes = await checkFolder(folder)
      expect(failures(outcomes).map((failure) => failure.split(':')[0])).toEqual([
        'realm-claims.json',
        'corim/plat-flat-digests.cbor',
        'neg-03-binding-mismatch.cbor',
        'group/A1.cbor',
        'group/A1-resigned.cbor',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the command', () => {
  const run = (...args: readonly string[]): Promise<readonly [code: number, out: string]> =>
    new Promise((resolve) => {
      const main = fileURLToPath(new URL('../vectors/main.ts', import.meta.url))
      const argv = ['--conditions=mica-source', '--import', 'tsx', main, ...args]
      execFile(process.execPath, argv, (error, out) => resolve([error === null ? 0 : Number(error.code), out]))
    })

  test('ends with the count, and says by its exit code whether all passed', { timeout: 30_000 }, async () => {
    const [good, missing, usage] = await Promise.all([run(own), run('/nowhere/at/all'), run()])
    expect(good[0]).toBe(0)
    expect(good[1]).toMatch(/(^|\n)vectors: 19 passed, 0 failed\n$/)
    expect([missing[0], usage[0]]).toEqual([2, 2])
  })
})

describe.skipIf(!haveVectors)('published vectors (skipped where their folder is absent)', () => {
  test('give what their index and expectation files say', { timeout: 30_000 }, async () => {
    const outcomes = await checkFolder(vectorFolder)
    expect(failures(outcomes)).toEqual([])
    expect(outcomes.length).toBeGreaterThanOrEqual(147)
    const withHelp = outcomes.filter(({ detail }) => detail !== undefined && !detail.startsWith('on '))
    for (const { name } of withHelp) expect(readme).toContain(name.replace('attestation/', ''))
  })
})
