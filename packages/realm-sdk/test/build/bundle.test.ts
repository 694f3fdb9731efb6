import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BundleError, bundleRealm, refusedByCompartment } from '@mica/realm-sdk/build'
import { afterAll, expect, test } from 'vitest'

const realms = fileURLToPath(new URL('./realms/', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'mica-bundle-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const written = (name: string, source: string): string => {
  const path = join(scratch, name)
  writeFileSync(path, source)
  return path
}

test('an image is the same script wherever its modules lie and whoever builds it', async () => {
  const here = await bundleRealm(join(realms, 'gate.ts'))
  const elsewhere = join(scratch, 'some', 'deeper', 'folder')
  mkdirSync(elsewhere, { recursive: true })
  cpSync(realms, elsewhere, { recursive: true })
  const before = process.cwd()
  process.chdir(scratch)
  const there = await bundleRealm(join(elsewhere, 'gate.ts')).finally(() => process.chdir(before))
  expect(there === here).toBe(true)
})

test('an image names no file and no folder of the machine that built it', async () => {
  const script = await bundleRealm(join(realms, 'gate.ts'))
  // On the name of a module only: a script as a whole is no text to print when this fails.
  expect(/[\w./-]*(node_modules|packages\/|\.[cm]?[jt]s\b)/.exec(script)?.[0]).toBeUndefined()
})

test('a declaration can be given instead of read, and decides what the image expects', async () => {
  const source = readFileSync(join(realms, 'relay.mica.ts'), 'utf8')
  const entry = join(realms, 'worker.ts')
  const given = await bundleRealm(entry, { declarations: { 'relay.mica.ts': source } })
  expect(given === (await bundleRealm(entry))).toBe(true)
  const changed = await bundleRealm(entry, {
    declarations: { 'relay.mica.ts': source.replaceAll('granules: 4', 'granules: 8') },
  })
  expect(changed === given).toBe(false)
})

test('what a compartment would refuse is refused at build, with the place', async () => {
  const sources: [string, RegExp][] = [
    ['export default (name: string) => import(name)', /dynamic import/],
    ['export default () => "text with import(x) in it"', /dynamic import/],
    ['export default (eval)("1")', /eval/],
    ['export default () => "<!-- text -->"', /HTML-like comment/],
  ]
  for (const [source, message] of sources) {
    const entry = written('refused.ts', source)
    await expect(bundleRealm(entry, { bare: true })).rejects.toThrow(message)
  }
})

test('arithmetic that only looks like a comment is printed so that a compartment takes it', async () => {
  const entry = written(
    'arithmetic.ts',
    'export default (n: number, m: number) => { while (n-- > 0) m = Number(m < !--n); return m }',
  )
  expect(refusedByCompartment(await bundleRealm(entry, { bare: true }))).toBeUndefined()
})

test('a module that is missing or has a syntax error is an error that says where', async () => {
  await expect(bundleRealm(written('missing.ts', "import './nowhere.ts'"))).rejects.toThrow(
    /missing\.ts:1:\d+: .*nowhere/,
  )
  await expect(bundleRealm(written('syntax.ts', 'export default ('))).rejects.toThrow(BundleError)
})
