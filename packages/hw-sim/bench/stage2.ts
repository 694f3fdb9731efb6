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

/** Measures guarded accesses of eight bytes: walked through three levels, checked against the GPT, counted. */
export function stage2Rows(): readonly BenchRow[] {
  const machine = new Machine({ seed: new Uint8Array(32), dram: { base: BASE, size: 0x100_0000 } })
  const realm = new RealmMemory(machine.memory)
  for (let page = 0; page < PAGES; page++) realm.page(IPA + page * 4096, 'rw')
  const access = new GuardedAccess(machine.memory, realm.root)
  const load = (address: number): boolean => access.load64(address) !== undefined
  const store = (address: number): boolean => access.store64(address, 1n)
  return [
    { name: 'stage2.access_ns', value: nanoseconds(load), unit: 'ns' },
    { name: 'stage2.store_ns', value: nanoseconds(store), unit: 'ns' },
  ]
}

/** The best of several rounds: the others were disturbed, or compiled. */
function nanoseconds(instruction: (address: number) => boolean): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) best = Math.min(best, timeOf(instruction))
  return Number(((best * 1e6) / ACCESSES).toFixed(1))
}

/** Milliseconds of one round. */
function timeOf(instruction: (address: number) => boolean): number {
  const start = performance.now()
  let offset = 0
  for (let count = 0; count < ACCESSES; count++) {
    // A page and a word further each time, so that neither the tables nor the data stay in one cache line.
    offset = (offset + 4104) & (PAGES * 4096 - 8)
    if (!instruction(IPA + offset)) throw new Error('the benchmark faulted')
  }
  return performance.now() - start
}
