import { Machine } from '../src/index.ts'
import { GuardedAccess } from '../src/pe/access.ts'
import { BASE, RealmMemory } from '../test/realm-memory.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const ACCESSES = 1_000_000
/** A power of two. */
const PAGES = 64
/** Where a Realm keeps its own memory. */
const IPA = 2 ** 37

/** A page and a word further each time, so that neither the tables nor the data stay in one cache line. */
const STRIDE = 4104
const WRAP = PAGES * 4096 - 8

/** Measures guarded accesses of eight bytes: walked through three levels, checked against the GPT, counted. */
export function rows(): readonly BenchRow[] {
  const machine = new Machine({ seed: new Uint8Array(32), dram: { base: BASE, size: 0x100_0000 } })
  const realm = new RealmMemory(machine.memory)
  for (let page = 0; page < PAGES; page++) realm.page(IPA + page * 4096, 'rw')
  const access = new GuardedAccess(machine.memory, realm.root)
  return [
    { name: 'stage2.store_ns', value: nanoseconds(() => stores(access)), unit: 'ns' },
    { name: 'stage2.access_ns', value: nanoseconds(() => loads(access)), unit: 'ns' },
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

/** The best of several rounds in nanoseconds an access: the others were compiled, or disturbed by other programs. */
function nanoseconds(round: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let count = 0; count < 12; count++) {
    const start = performance.now()
    round()
    best = Math.min(best, performance.now() - start)
  }
  return Number(((best * 1e6) / ACCESSES).toFixed(1))
}
