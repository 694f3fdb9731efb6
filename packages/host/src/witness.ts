import { addOffset, GRANULE_SIZE, type PhysicalAddress, physicalAddressOf } from '@mica/hw-sim'
import type { NormalWorld, RmiResult } from './normal-world.ts'

/** Bytes that are read at once where all of them are Non-secure. */
const RUN_SIZE = 2 ** 16

/**
 * A host that keeps everything it can see: after every exit it stores what the command answered, looks at the pages a
 * Realm or the monitor may have written for it (run pages, unprotected windows) and stores those that changed.
 *
 * One guest runs at a time and the host runs between exits, so nothing that the host could read escapes it.
 */
export class Witness {
  /** Results of commands, and contents of changed pages, in the order in which they were seen. */
  readonly seen: Uint8Array[] = []
  readonly #world: NormalWorld
  readonly #watched: { readonly granule: PhysicalAddress; last: Uint8Array }[] = []

  constructor(world: NormalWorld) {
    this.#world = world
  }

  /** Begins to watch a range of Non-secure memory. */
  watch(base: PhysicalAddress, length: number): void {
    for (let offset = 0; offset < length; offset += GRANULE_SIZE) {
      this.#watched.push({ granule: addOffset(base, offset), last: new Uint8Array(GRANULE_SIZE) })
    }
  }

  /** Keeps the result registers of a command, as bytes. */
  note({ x }: RmiResult): void {
    const registers = new Uint8Array(8 * x.length)
    const view = new DataView(registers.buffer)
    x.forEach((value, index) => {
      view.setBigUint64(8 * index, value, true)
    })
    this.seen.push(registers)
  }

  /** Looks at everything watched. */
  look(): void {
    for (const page of this.#watched) {
      const now = this.#world.read(page.granule, GRANULE_SIZE)
      if (now === undefined || Buffer.compare(now, page.last) === 0) continue
      page.last = now
      this.seen.push(now)
    }
  }

  /** All Non-secure memory of the machine as it is now: in runs where it has any length, else granule by granule. */
  *nonSecureMemory(): Iterable<Uint8Array> {
    const { base, size } = this.#world.dram
    for (let run = base; run < base + size; run += RUN_SIZE) {
      const whole = this.#world.read(physicalAddressOf(run), Math.min(RUN_SIZE, base + size - run))
      if (whole !== undefined) yield whole
      else yield* this.#granules(run, Math.min(run + RUN_SIZE, base + size))
    }
  }

  *#granules(from: number, to: number): Iterable<Uint8Array> {
    for (let address = from; address < to; address += GRANULE_SIZE) {
      const bytes = this.#world.read(physicalAddressOf(address), GRANULE_SIZE)
      if (bytes !== undefined) yield bytes
    }
  }
}
