import { GRANULE_SIZE, type PhysicalAddress, physicalAddressOf } from '@mica/hw-sim'
import { HostError } from './normal-world.ts'

/** The host's free memory, in granules: handed out from the bottom of DRAM, taken back for the next use. */
export class GranulePool {
  readonly #end: number
  readonly #free: PhysicalAddress[] = []
  #next: number

  constructor(dram: { readonly base: number; readonly size: number }) {
    this.#next = dram.base
    this.#end = dram.base + dram.size
  }

  /** One granule. Throws {@link HostError} when there is none left. */
  take(): PhysicalAddress {
    return this.#free.pop() ?? this.takeContiguous(1)
  }

  /** The first of `count` granules that follow each other. Throws {@link HostError} when there are none left. */
  takeContiguous(count: number): PhysicalAddress {
    const start = this.#next
    const end = start + count * GRANULE_SIZE
    if (end > this.#end) throw new HostError(`the machine has no ${count} free granules left`)
    this.#next = end
    return physicalAddressOf(start)
  }

  /** Takes a granule back. */
  give(address: PhysicalAddress): void {
    this.#free.push(address)
  }
}
