import {
  type EventLog,
  GRANULE_SIZE,
  type GranuleIndex,
  type Machine,
  type PhysicalMemory,
  physicalAddressOf,
} from '@mica/hw-sim'
import type { Attester } from './attestation/attester.ts'
import type { Extension } from './extension.ts'
import { GRANULE_STATE } from './granule/state.ts'
import { GranuleTracker } from './granule/tracker.ts'
import type { Platform } from './platform.ts'
import type { Realm } from './realm/realm.ts'
import type { Rec } from './rec/rec.ts'

/** Recorded firmware that this monitor can be like in everything, faults included. */
export type FirmwareVersion = 'rmm-spec-v1.0-rel0'

/** Everything the monitor knows: what commands read, and what they change once all their conditions hold. */
export class Monitor {
  readonly machine: Machine
  readonly memory: PhysicalMemory
  readonly events: EventLog
  readonly platform: Platform
  readonly granules: GranuleTracker
  readonly attester: Attester
  readonly extension: Extension | undefined
  /** The firmware whose known faults this monitor shares; none by default. */
  readonly firmware: FirmwareVersion | undefined
  readonly realms: Map<GranuleIndex, Realm> = new Map()
  readonly recs: Map<GranuleIndex, Rec> = new Map()
  readonly vmids: Set<number> = new Set()

  constructor(
    machine: Machine,
    platform: Platform,
    attester: Attester,
    extension: Extension | undefined,
    firmware: FirmwareVersion | undefined,
  ) {
    this.machine = machine
    this.memory = machine.memory
    this.events = machine.events
    this.platform = platform
    this.granules = new GranuleTracker(machine.memory, machine.events)
    this.attester = attester
    this.extension = extension
    this.firmware = firmware
  }

  /** The Realm whose descriptor is at `address`, if there is one. */
  realmAt(address: number): Realm | undefined {
    const granule = this.granules.find(address, GRANULE_STATE.rd)
    return granule === undefined ? undefined : this.realms.get(granule)
  }

  /** The REC at `address`, if there is one. */
  recAt(address: number): Rec | undefined {
    const granule = this.granules.find(address, GRANULE_STATE.rec)
    return granule === undefined ? undefined : this.recs.get(granule)
  }

  /** A granule that has been delegated and is used for nothing. */
  delegatedAt(address: number): GranuleIndex | undefined {
    return this.granules.find(address, GRANULE_STATE.delegated)
  }

  /** Whether `address` names a granule that the host may use to talk to the monitor. */
  isUndelegated(address: number): boolean {
    return this.granules.find(address, GRANULE_STATE.undelegated) !== undefined
  }

  /** One copy of a page of the host's, or `undefined` where hardware refuses the access. */
  readHostPage(address: number): Uint8Array | undefined {
    if (!this.#isHostAccessible(address)) return undefined
    return this.memory.read('realm', physicalAddressOf(address), GRANULE_SIZE)
  }

  /** Writes into a page of the host's; false, and nothing written, where hardware refuses. */
  writeHostPage(address: number, offset: number, bytes: Uint8Array): boolean {
    if (!this.#isHostAccessible(address)) return false
    return this.memory.write('realm', physicalAddressOf(address + offset), bytes)
  }

  /** The monitor maps the host's pages as Non-secure: an access to a granule that is not takes a fault. */
  #isHostAccessible(address: number): boolean {
    const granule = this.memory.granuleIndex(physicalAddressOf(address))
    return granule !== undefined && this.memory.isNonSecure(granule)
  }
}
