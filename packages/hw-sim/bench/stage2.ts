import { Machine, Stage2Walker } from '../src/index.ts'
import { GuardedAccess } from '../src/pe/access.ts'
import { NO_TRANSLATION } from '../src/stage2/walk.ts'
import { BASE, RealmMemory } from '../test/realm-memory.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Short rounds, many of them: among those some are that nothing else disturbed. */
const ACCESSES = 100_000
const ROUNDS = 200
/** A power of two. */
const PAGES = 64
/** Where a Realm keeps its own memory. */
const IPA = 2 ** 37
/** Where it has a page in each of many blocks. */
const FAR_IPA = 2 ** 36

/** A page and a word further each time, so that neither the tables nor the data stay in one cache line. */
const STRIDE = 4104
const WRAP = PAGES * 4096 - 8

/** Blocks of 2 MiB that whole walks go to in turn: a power of two. */
const BLOCKS = 64
/** From block to block, and eight pages on, so that neither tables nor descriptors fall together in the cache. */
const BLOCK_STRIDE = 0x20_8000

/**
 * Measures guarded accesses of eight bytes, which go through the last table of the walk before, are checked against the
 * GPT, and counted; and walks from the start level to a page, where every one leads to another table than the last.
 */
export function rows(): readonly BenchRow[] {
  const machine = new Machine({ seed: new Uint8Array(32), dram: { base: BASE, size: 0x100_0000 } })
  const realm = new RealmMemory(machine.memory)
  for (let page = 0; page < PAGES; page++) realm.page(IPA + page * 4096, 'rw')
  const far = Float64Array.from({ length: BLOCKS }, (_, block) => FAR_IPA + block * BLOCK_STRIDE)
  for (const ipa of far) realm.page(ipa, 'rw')
  const access = new GuardedAccess(machine.memory, realm.root)
  const walker = new Stage2Walker(machine.memory, realm.root)
  return [
    { name: 'stage2.store_ns', value: nanoseconds(() => stores(access)), unit: 'ns' },
    { name: 'stage2.access_ns', value: nanoseconds(() => loads(access)), unit: 'ns' },
    { name: 'stage2.walk_ns', value: nanoseconds(() => walks(walker, far)), unit: 'ns' },
  ]
}

/** Returns the last value, so that the loads are not for nothing. */
function loads(access: GuardedAccess): bigint {
  let last = 0n
  for (let count = 0, offset = 0; count < ACCESSES; count++) {
    offset = (offset + STRIDE) & WRAP
    const value = access.load64(IPA + offset)
    if (value === undefined) throw new Error('the benchmark faulted')
    last = value
  }
  return last
}

function stores(access: GuardedAccess): void {
  for (let count = 0, offset = 0; count < ACCESSES; count++) {
    offset = (offset + STRIDE) & WRAP
    if (!access.store64(IPA + offset, 1n)) throw new Error('the benchmark faulted')
  }
}

function walks(walker: Stage2Walker, addresses: Float64Array): number {
  let last = 0
  for (let count = 0; count < ACCESSES; count++) {
    last = walker.translate(addresses[count & (BLOCKS - 1)]!, 'read')
    if (last === NO_TRANSLATION) throw new Error('the benchmark faulted')
  }
  return last
}

/** The best of several rounds in nanoseconds an access: the others were compiled, or disturbed by other programs. */
function nanoseconds(round: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let count = 0; count < ROUNDS; count++) {
    const start = performance.now()
    round()
    best = Math.min(best, performance.now() - start)
  }
  return Number(((best * 1e6) / ACCESSES).toFixed(1))
}
