import {
  type EventLog,
  GRANULE_SIZE,
  type GranuleIndex,
  isAligned,
  type PhysicalMemory,
  physicalAddressOf,
} from '@mica/hw-sim'
import { hex } from '../event-text.ts'
import { invariant } from '../invariant.ts'
import { GRANULE_STATE, type GranuleState, granuleStateName } from './state.ts'

/**
 * What every granule of DRAM is used for, and by how many.
 *
 * All changes of state go through {@link GranuleTracker.move}, which is also the only place that zeroes: a command that
 * gives a granule back cannot forget to.
 */
export class GranuleTracker {
  readonly #memory: PhysicalMemory
  readonly #events: EventLog
  readonly #states: Uint8Array
  readonly #references: Uint32Array

  constructor(memory: PhysicalMemory, events: EventLog) {
    this.#memory = memory
    this.#events = events
    this.#states = new Uint8Array(memory.granules)
    this.#references = new Uint32Array(memory.granules)
  }

  state(granule: GranuleIndex): GranuleState {
    return this.#states[granule] as GranuleState
  }

  references(granule: GranuleIndex): number {
    return this.#references[granule]!
  }

  /** The granule at `address` if it is aligned, in DRAM and in `state`; what every command asks first. */
  find(address: number, state: GranuleState): GranuleIndex | undefined {
    if (!isAligned(address, GRANULE_SIZE)) return undefined
    const granule = this.#memory.granuleIndex(physicalAddressOf(address))
    return granule !== undefined && this.#states[granule] === state ? granule : undefined
  }

  /** Changes the state of a granule without references. Content is zeroed on the way to `delegated`. */
  move(granule: GranuleIndex, to: GranuleState): void {
    invariant(this.#references[granule] === 0, 'a granule changes its state only without references')
    const from = this.state(granule)
    this.#states[granule] = to
    if (to === GRANULE_STATE.delegated) this.zero(granule)
    if (!this.#events.enabled) return
    const address = hex(this.#memory.addressOf(granule))
    this.#events.emit({ event: 'granule', address, from: granuleStateName(from), to: granuleStateName(to) })
  }

  /** Fills a granule with zeroes. */
  zero(granule: GranuleIndex): void {
    const start = granule * GRANULE_SIZE
    this.#memory.bytes.fill(0, start, start + GRANULE_SIZE)
  }

  addReference(granule: GranuleIndex, count = 1): void {
    this.#references[granule]! += count
  }

  dropReference(granule: GranuleIndex, count = 1): void {
    invariant(this.#references[granule]! >= count, 'a granule has no fewer references than holders')
    this.#references[granule]! -= count
  }
}
