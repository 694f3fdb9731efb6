import { type GranuleIndex, PAS, physicalAddressOf } from '@mica/hw-sim'
import { RMI_RTT_READ_ENTRY } from '../src/abi/index.ts'
import { granuleStateName } from '../src/granule/state.ts'
import { type Condition, granuleConditions, HOST_PAGE, type Word, type World } from './conditions.ts'
import { type HostOptions, PAGE, type RealmOptions, ScriptedHost, type ScriptedRealm } from './scripted-host.ts'

/** Room for two small Realms: the smaller the machine, the faster its state is compared. */
const DRAM_SIZE = 0x20_0000

/** A base monitor on a small machine. */
export function smallHost(options: HostOptions = {}): ScriptedHost {
  return new ScriptedHost({ mica: false, dramSize: DRAM_SIZE, ...options })
}

/** A small machine with one Realm, and a granule that is delegated and nothing more. */
export interface RealmWorld extends World {
  readonly realm: ScriptedRealm
  readonly spare: number
}

/** Makes such a world; `args` are those of a good call in it. */
export function realmWorld(
  options: RealmOptions,
  args: (realm: ScriptedRealm, host: ScriptedHost) => readonly Word[],
  hostOptions: HostOptions = {},
): RealmWorld {
  const host = smallHost(hostOptions)
  const realm = host.createRealm({ ramPages: 2, ...options })
  return { host, realm, spare: host.delegated(), args: args(realm, host) }
}

/** The conditions of an rd in x1. */
export const rdConditions: readonly Condition<RealmWorld>[] = granuleConditions<RealmWorld>(1, 'rd', {
  'the host’s': HOST_PAGE,
  'delegated only': ({ spare }) => spare,
  'a REC': ({ realm }) => realm.rec,
})

/** Takes a page of the host's out of the monitor's reach: hardware refuses what the monitor knows nothing of. */
export function makeInaccessible(host: ScriptedHost, page: number): void {
  host.machine.memory.setPas(indexOf(host, page), PAS.secure)
}

/** What a granule holds, whosever it is. */
export function contentOf(host: ScriptedHost, granule: number): Uint8Array {
  return host.machine.memory.granuleBytes(indexOf(host, granule)).slice()
}

export const ZEROES: Uint8Array = new Uint8Array(PAGE)

/** The state of a granule, by name, and the physical address space it is in. */
export function granuleAt(host: ScriptedHost, granule: number): { readonly state: string; readonly pas: string } {
  const index = indexOf(host, granule)
  const pas = Object.entries(PAS).find(([, value]) => value === host.machine.memory.pas(index))![0]
  return { state: granuleStateName(host.rmm.monitor.granules.state(index)), pas }
}

/** What RMI_RTT_READ_ENTRY says of an address. */
export function entryAt({ host, rd }: ScriptedRealm, ipa: number, level = 3): RttEntryView {
  const [walkLevel, state, descriptor, ripas] = host.demand(RMI_RTT_READ_ENTRY, rd, ipa, level).slice(1).map(Number)
  return { level: walkLevel!, state: ENTRY_STATES[state!]!, descriptor: descriptor!, ripas: RIPAS_NAMES[ripas!]! }
}

/** An RTT entry as the host may see it. */
export interface RttEntryView {
  readonly level: number
  readonly state: string
  readonly descriptor: number
  readonly ripas: string
}

const ENTRY_STATES = ['unassigned', 'assigned', 'table']
const RIPAS_NAMES = ['empty', 'ram', 'destroyed']

function indexOf(host: ScriptedHost, granule: number): GranuleIndex {
  return host.machine.memory.granuleIndex(physicalAddressOf(granule))!
}

/** Makes a call from another PE while the Realm's REC runs. */
export function whileRunning({ realm }: RealmWorld, call: () => void): void {
  // biome-ignore lint/correctness/useYield: the guest does nothing but to run meanwhile.
  realm.begin(function* () {
    call()
  })
}
