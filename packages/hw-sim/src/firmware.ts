import type { PhysicalAddress } from './address.ts'
import type { PhysicalMemory } from './physical-memory.ts'
import { PAS } from './world.ts'

/**
 * The services of root firmware (EL3) that change the granule protection table, as the RMM-EL3 communication
 * interface names them.
 */
export class Firmware {
  readonly #memory: PhysicalMemory

  constructor(memory: PhysicalMemory) {
    this.#memory = memory
  }

  /** RMM_GTSI_DELEGATE: Non-secure to Realm. False when the granule is not Non-secure. */
  delegate(address: PhysicalAddress): boolean {
    return this.#move(address, PAS.nonSecure, PAS.realm)
  }

  /** RMM_GTSI_UNDELEGATE: Realm to Non-secure. False when the granule is not in the Realm address space. */
  undelegate(address: PhysicalAddress): boolean {
    return this.#move(address, PAS.realm, PAS.nonSecure)
  }

  #move(
    address: PhysicalAddress,
    from: typeof PAS.nonSecure | typeof PAS.realm,
    to: typeof PAS.nonSecure | typeof PAS.realm,
  ): boolean {
    const granule = this.#memory.granuleIndex(address)
    if (granule === undefined || this.#memory.pas(granule) !== from) return false
    this.#memory.setPas(granule, to)
    return true
  }
}
