import { entrySize, type PhysicalAddress } from '@mica/hw-sim'
import { RMI_GRANULE_DELEGATE, RMI_RTT_CREATE } from '@mica/rmm/abi'
import type { GranulePool } from './granule-pool.ts'
import type { NormalWorld } from './normal-world.ts'

/** A table that the host gave to a Realm, as RMI_RTT_DESTROY names it again. */
export interface TranslationTable {
  readonly ipa: number
  readonly level: number
  readonly granule: PhysicalAddress
}

/** Makes the tables of one Realm's IPA space as they are needed, and remembers which it made. */
export class TranslationTables {
  readonly created: TranslationTable[] = []
  readonly #known = new Set<string>()
  readonly #world: NormalWorld
  readonly #pool: GranulePool
  readonly #rd: PhysicalAddress
  readonly #startLevel: number

  constructor(world: NormalWorld, pool: GranulePool, rd: PhysicalAddress, startLevel: number) {
    this.#world = world
    this.#pool = pool
    this.#rd = rd
    this.#startLevel = startLevel
  }

  /** Makes sure that a walk for `ipa` reaches `level`. */
  ensure(ipa: number, level: number): void {
    for (let next = this.#startLevel + 1; next <= level; next++) {
      const covered = entrySize(next - 1)
      const base = ipa - (ipa % covered)
      const key = `${next}:${base}`
      if (this.#known.has(key)) continue
      const granule = this.#pool.take()
      this.#world.demand(RMI_GRANULE_DELEGATE, granule)
      this.#world.demand(RMI_RTT_CREATE, this.#rd, granule, base, next)
      this.#known.add(key)
      this.created.push({ ipa: base, level: next, granule })
    }
  }
}
