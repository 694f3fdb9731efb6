import {
  entrySize,
  GRANULE_SIZE,
  type GranuleIndex,
  type Machine,
  PAS,
  physicalAddressOf,
  Stage2Walker,
} from '@mica/hw-sim'
import { GRANULE_STATE, granuleStateName } from '../src/granule/state.ts'
import type { Realm } from '../src/realm/realm.ts'
import type { MonitoredMachine } from './machine-state.ts'
import { type FoundEntry, findTables } from './tables.ts'

/** RmiRttEntryState. */
const UNASSIGNED = 0
const ASSIGNED = 1
const TABLE = 2

const ZEROES = Buffer.alloc(GRANULE_SIZE)

const PENDING_KINDS = new Set<string>(['none', 'host-call', 'psci', 'ripas-change'])

/**
 * What holds of a machine between two commands, whatever they were: each sentence returned is about something that does
 * not. Everything that granules are counted for is counted afresh, from descriptors in memory and from RECs.
 */
export function brokenInvariants(world: MonitoredMachine): readonly string[] {
  const count = new FreshCount(world)
  for (const realm of world.rmm.monitor.realms.values()) count.realm(realm)
  for (const rec of world.rmm.monitor.recs.values()) {
    if (rec.running) count.broken.push(`REC ${rec.granule} runs between commands`)
    if (!PENDING_KINDS.has(rec.pending.kind)) count.broken.push(`REC ${rec.granule} waits for ${rec.pending.kind}`)
    count.use(rec.granule, GRANULE_STATE.rec)
    for (const aux of rec.aux) count.use(aux, GRANULE_STATE.recAux)
    count.refer(rec.realm.identity.granule)
  }
  count.vmids()
  count.granules()
  return count.broken
}

/** Uses and references of every granule, counted from what can be found. */
class FreshCount {
  readonly broken: string[] = []
  readonly #world: MonitoredMachine
  readonly #uses: Uint8Array
  readonly #states: Uint8Array
  readonly #references: Uint32Array

  constructor(world: MonitoredMachine) {
    this.#world = world
    const { granules } = world.machine.memory
    this.#uses = new Uint8Array(granules)
    this.#states = new Uint8Array(granules)
    this.#references = new Uint32Array(granules)
  }

  /** A granule is needed for something: only one thing, but shared memory for as many as map it. */
  use(granule: GranuleIndex, state: number): void {
    this.#uses[granule]!++
    this.#states[granule] = state
  }

  refer(granule: GranuleIndex): void {
    this.#references[granule]!++
  }

  /** A Realm, its tables, and everything that its tables lead to. */
  realm(realm: Realm): void {
    if (!['new', 'active', 'system-off'].includes(realm.state)) this.broken.push(`a Realm is ${realm.state}`)
    this.use(realm.identity.granule, GRANULE_STATE.rd)
    const { tables, entries } = findTables(this.#world.machine, realm)
    for (const { granule } of tables) this.use(granule, GRANULE_STATE.rtt)
    const walker = walkerOf(this.#world.machine, realm)
    for (const entry of entries) {
      this.#entry(realm, entry)
      if (entry.hardware !== 'table' && !this.#walkAgrees(walker, entry)) {
        this.broken.push(`0x${entry.ipa.toString(16)} of Realm ${realm.identity.granule}: a PE gets elsewhere`)
      }
    }
  }

  /** Whether a PE that accesses an address gets exactly where the entry for it leads, if it may go there. */
  #walkAgrees(walker: Stage2Walker, { ipa, hardware, address }: FoundEntry): boolean {
    const { memory } = this.#world.machine
    const reached = walker.walk(ipa, 'read') || walker.walk(ipa, 'write') || walker.walk(ipa, 'execute')
    if (hardware === 'invalid') return !reached
    const { offset } = walker.result
    // Where a PE may not go: Non-secure memory that the host has given away since, or without rights.
    if (!reached) return hardware === 'non-secure'
    const pas = hardware === 'realm' ? PAS.realm : PAS.nonSecure
    return offset === address - memory.base && memory.gpt[Math.floor(offset / GRANULE_SIZE)] === pas
  }

  #entry(realm: Realm, entry: FoundEntry): void {
    const { memory } = this.#world.machine
    const at = `0x${entry.ipa.toString(16)} of Realm ${realm.identity.granule}, level ${entry.level}`
    const expected = entry.hardware === 'table' ? TABLE : entry.hardware === 'invalid' ? undefined : ASSIGNED
    if (expected !== undefined && entry.state !== expected) this.broken.push(`${at}: hardware finds what is not there`)
    if (entry.hardware === 'non-secure') {
      if (entry.isProtected) this.broken.push(`${at}: Non-secure memory at a protected address`)
      return
    }
    if (entry.hardware === 'realm' && !entry.isProtected) this.broken.push(`${at}: Realm memory is unprotected`)
    if (entry.state === UNASSIGNED) return
    if (entry.state !== ASSIGNED && entry.state !== TABLE) {
      this.broken.push(`${at}: state ${entry.state}`)
      return
    }
    this.refer(entry.table)
    if (entry.state === TABLE) return
    const first = memory.granuleIndex(physicalAddressOf(entry.address))
    for (let page = 0; page < entrySize(entry.level) / GRANULE_SIZE; page++) {
      const granule = first === undefined ? undefined : first + page
      if (granule === undefined || granule >= memory.granules) this.broken.push(`${at}: memory that is none`)
      else this.#memory(granule)
    }
  }

  #memory(granule: GranuleIndex): void {
    const { granules } = this.#world.rmm.monitor
    const isShared = granules.state(granule) === GRANULE_STATE.dataShared
    this.use(granule, isShared ? GRANULE_STATE.dataShared : GRANULE_STATE.data)
    if (isShared) this.refer(granule)
  }

  vmids(): void {
    const { realms, vmids } = this.#world.rmm.monitor
    const used = Array.from(realms.values(), ({ identity }) => identity.vmid)
    if (new Set(used).size !== used.length) this.broken.push('two Realms have one VMID')
    if (used.length !== vmids.size || !used.every((vmid) => vmids.has(vmid))) this.broken.push('a VMID is lost')
  }

  /** Every granule against what was counted. */
  granules(): void {
    const { machine, rmm } = this.#world
    const { granules } = rmm.monitor
    const bytes = Buffer.from(machine.memory.buffers.dram)
    for (let granule = 0; granule < machine.memory.granules; granule++) {
      const state = granules.state(granule)
      if ((machine.memory.pas(granule) === PAS.realm) !== (state !== GRANULE_STATE.undelegated)) {
        this.#blame(granule, 'and in the wrong physical address space')
      }
      if (isLeftToCount(state)) {
        this.#counted(granule)
        continue
      }
      if (this.#uses[granule] !== 0) this.#blame(granule, `and used as ${this.#nameOfUse(granule)}`)
      if (state !== GRANULE_STATE.delegated) continue
      const start = granule * GRANULE_SIZE
      if (bytes.compare(ZEROES, 0, GRANULE_SIZE, start, start + GRANULE_SIZE) !== 0) this.#blame(granule, 'not zero')
      if (granules.references(granule) !== 0) this.#blame(granule, 'with references')
    }
  }

  #counted(granule: GranuleIndex): void {
    const { granules } = this.#world.rmm.monitor
    const uses = this.#uses[granule]!
    if (uses === 0) this.#blame(granule, 'and lost')
    else if (this.#states[granule] !== granules.state(granule)) {
      this.#blame(granule, `and used as ${this.#nameOfUse(granule)}`)
    }
    if (uses > 1 && granules.state(granule) !== GRANULE_STATE.dataShared) this.#blame(granule, `${uses} times`)
    if (granules.references(granule) !== this.#references[granule]) {
      this.#blame(granule, `with ${granules.references(granule)} references for ${this.#references[granule]}`)
    }
  }

  #blame(granule: GranuleIndex, what: string): void {
    const state = granuleStateName(this.#world.rmm.monitor.granules.state(granule))
    this.broken.push(`granule ${granule} is ${state}, ${what}`)
  }

  #nameOfUse(granule: GranuleIndex): string {
    return granuleStateName(this.#states[granule] as Parameters<typeof granuleStateName>[0])
  }
}

/** The part of a PE that finds memory for a Realm. */
function walkerOf({ memory }: Machine, { identity }: Realm): Stage2Walker {
  const { startTableAddress: table, startLevel, ipaBits, lpa2 } = identity
  return new Stage2Walker(memory, { table, startLevel, ipaBits, lpa2 })
}

/** States in which a granule belongs to a Realm or a REC: there is one place that needs it. */
function isLeftToCount(state: number): boolean {
  const { rd, rec, recAux, rtt, data, dataShared } = GRANULE_STATE
  return [rd, rec, recAux, rtt, data, dataShared].some((counted) => counted === state)
}
