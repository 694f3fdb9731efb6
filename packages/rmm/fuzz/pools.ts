import { GRANULE_SIZE } from '@mica/hw-sim'
import type { GranuleModel, ModelState } from '../lab/model.ts'
import { type Chooser, once, pick, word } from './chooser.ts'
import { DRAM_BASE, type FuzzWorld } from './fuzz-world.ts'

/** Pages that stay with the host for what commands read and write, unless a command takes one by mistake. */
const HOST_PAGES = 16

/** How many granules behind them most commands choose from. */
const COMMON_GRANULES = 240

/** Width of the IPA space of most Realms here. */
export const IPA_BITS = 32
/** Where unprotected addresses begin. */
export const HALF: number = 2 ** (IPA_BITS - 1)
/** What a table of level 3 covers, and a block of level 2. */
export const BLOCK = 0x20_0000
const GIGABYTE = 0x4000_0000

/** Few addresses, so that commands meet: pages of the tables that most Realms have. */
const USUAL_IPAS: readonly number[] = [0, 1, 2, 3, 4, 5]
  .map((page) => page * GRANULE_SIZE)
  .concat(HALF, HALF + GRANULE_SIZE)

/** IPAs where tables begin and end. */
const EDGE_IPAS: readonly number[] = [
  ...[BLOCK - GRANULE_SIZE, BLOCK, BLOCK + GRANULE_SIZE, GIGABYTE - BLOCK, GIGABYTE],
  ...[HALF - GRANULE_SIZE, HALF, HALF + GRANULE_SIZE, HALF + BLOCK, HALF + GIGABYTE],
  ...[2 * HALF - GRANULE_SIZE, 2 * HALF, 2 ** 39, 2 ** 48, 2 ** 52],
]

const UNPROTECTED_IPAS: readonly number[] = [HALF, HALF + GRANULE_SIZE, HALF + BLOCK, HALF + GIGABYTE]

/** What the address of an argument may be, so that calls get past their first guards. */
export class Pools {
  readonly #chooser: Chooser
  readonly #model: GranuleModel
  readonly #dramSize: number

  constructor(chooser: Chooser, world: FuzzWorld) {
    this.#chooser = chooser
    this.#model = world.model
    this.#dramSize = world.dramSize
  }

  /** A page of the host's. */
  hostPage(): number {
    return DRAM_BASE + this.#chooser.below(HOST_PAGES) * GRANULE_SIZE
  }

  /** Any of few granules, so that commands meet, but not the host's pages. */
  anyGranule(): number {
    const granules = once(this.#chooser, 8) ? this.#dramSize / GRANULE_SIZE - HOST_PAGES : COMMON_GRANULES
    return DRAM_BASE + (HOST_PAGES + this.#chooser.below(granules)) * GRANULE_SIZE
  }

  /** A granule in a state, or any if there is none. */
  granule(state: ModelState): number {
    if (state === 'undelegated') return this.#undelegated()
    const all = this.#model.all(state)
    return all.length === 0 ? this.anyGranule() : pick(this.#chooser, all)
  }

  #undelegated(): number {
    const any = this.anyGranule()
    for (let at = any; at < DRAM_BASE + this.#dramSize; at += GRANULE_SIZE) {
      if (this.#model.state(at) === 'undelegated') return at
    }
    return any
  }

  /** Granules in a state, all different, as many as there are. */
  granules(state: ModelState, count: number): number[] {
    const all = this.#model.all(state)
    const start = this.#chooser.below(Math.max(1, all.length))
    return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[(start + i) % all.length]!)
  }

  rd(): number {
    return this.granule('rd')
  }

  rec(): number {
    return this.granule('rec')
  }

  ipa(): number {
    return pick(this.#chooser, once(this.#chooser, 4) ? EDGE_IPAS : USUAL_IPAS)
  }

  /** Two addresses, the first nearly always below the second. */
  range(): readonly [base: number, top: number] {
    const [a, b] = [this.ipa(), this.ipa()]
    return once(this.#chooser, 16) ? [a, b] : [Math.min(a, b), Math.max(a, b)]
  }

  /** An address that is nearly always unprotected. */
  unprotectedIpa(): number {
    return once(this.#chooser, 8) ? this.ipa() : pick(this.#chooser, UNPROTECTED_IPAS)
  }

  /** The address of an entry of a table one level above `level`. */
  tableIpa(level: number): number {
    const ipa = this.ipa()
    return ipa - (ipa % (GRANULE_SIZE * 512 ** (4 - level)))
  }

  level(): bigint {
    return pick(this.#chooser, [2n, 3n, 3n, 3n, 1n, 0n, 4n, 2n ** 64n - 1n])
  }

  /** Nearly always the value that makes sense. */
  mostly(value: number | bigint): bigint {
    const chooser = this.#chooser
    if (!once(chooser, 24)) return BigInt(value)
    switch (chooser.below(4)) {
      case 0:
        return BigInt.asUintN(64, BigInt(value) + BigInt(chooser.below(3)) - 1n)
      case 1:
        return BigInt(this.anyGranule())
      case 2:
        return BigInt(this.ipa())
      default:
        return word(chooser)
    }
  }
}
