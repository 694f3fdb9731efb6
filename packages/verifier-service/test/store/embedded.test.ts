import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEmbedded, type Store, StoreUnavailable } from '../../src/index.ts'

/** One folder for all tests, for it takes seconds to make a database. */
const folder = mkdtempSync(join(tmpdir(), 'mica-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (): Promise<Store> => openEmbedded({ folder, sweepEveryMs: 0 })

/** To open a folder is a few seconds' work, and takes many times that on a machine with much else to do. */
const PATIENT = { timeout: 120_000 }
beforeAll(async () => {
  await (await open()).close()
}, PATIENT.timeout)

test(
  'a folder belongs to one store at a time, and to the next one when that is closed or its process is gone',
  PATIENT,
  async () => {
    const store = await open()
    await expect(open()).rejects.toThrow(StoreUnavailable)
    await store.close()
    // No process has this id: ids of Linux end below it.
    writeFileSync(join(folder, 'lock'), String(2 ** 22 + 1))
    await (await open()).close()
    writeFileSync(join(folder, 'lock'), String(process.ppid))
    await expect(open()).rejects.toThrow(`remove ${join(folder, 'lock')}`)
    rmSync(join(folder, 'lock'))
  },
)

test('a folder that cannot be one is unavailable', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(openEmbedded({ folder: file })).rejects.toThrow(StoreUnavailable)
})

test('a closed store is unavailable, and can be closed again', PATIENT, async () => {
  const store = await open()
  await Promise.all([store.close(), store.close()])
  await store.close()
  await expect(store.ping()).rejects.toThrow(StoreUnavailable)
})

test(
  'what a process stored before it was killed is in the folder: each confirmed answer, and the database is sound',
  PATIENT,
  async () => {
    const writer = fileURLToPath(new URL('embedded-writer.ts', import.meta.url))
    const confirmed: string[] = []
    for (const answers of [1, 40]) {
      const child = spawn(process.execPath, ['--conditions=mica-source', '--import', 'tsx', writer, folder])
      confirmed.push(...(await confirmedBy(child, answers)))
    }
    const store = await open()
    try {
      expect(confirmed.length).toBeGreaterThanOrEqual(41)
      for (const id of confirmed) expect((await store.session(id, Date.now()))?.outcome?.result).toBe(`answer ${id}`)
      await oneSession(store)
    } finally {
      await store.close()
    }
  },
)

/** Kills a writer once it has confirmed `count` answers. @returns All ids that it confirmed. */
async function confirmedBy(child: ChildProcess, count: number): Promise<string[]> {
  const ended = once(child, 'exit')
  const ids: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    ids.push(line)
    if (ids.length === count) child.kill('SIGKILL')
  }
  await ended
  return ids
}

test('sessions that come and go leave neither tables nor logs that grow', PATIENT, async () => {
  const store = await open()
  try {
    const sizes: number[] = []
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 40; index++) await oneSession(store, 256 << 10)
      await store.sweepSessions(Number.MAX_SAFE_INTEGER)
      sizes.push(sizeOf(folder))
    }
    // Ten mebibytes of evidence passed in each round.
    expect(sizes.at(-1)! - sizes[0]!).toBeLessThan(5 << 20)
  } finally {
    await store.close()
  }
})

async function oneSession(store: Store, size = 100): Promise<void> {
  const id = randomUUID()
  const [nonce, digest] = [new Uint8Array(32), new Uint8Array(32)]
  const evidence = Uint8Array.from(randomBytes(size))
  expect(await store.createSession({ id, nonce, expiresAt: Date.now() + 150_000 }, 10_000, Date.now())).toBe(true)
  await store.claimSession(id, digest, Date.now())
  await store.finishSession(id, digest, { state: 'complete', evidenceType: 'x/y', evidence, result: 'jwt' })
}

function sizeOf(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
