import { GRANULE_SIZE, PAS, physicalAddressOf, Stage2Walker } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import { MAY, type Place, type RealmAccount } from './account.ts'
import { HALF } from './build-realm.ts'
import type { Stage, StageRealm } from './stage.ts'
import { StepGuest } from './step-guest.ts'
import type { FoundDescriptor } from './table-scan.ts'

/** What the oracle saw in one state, for the next to be compared with. */
export interface Sight {
  /** Descriptors of each Realm's tables; of one that has ended, none. */
  readonly tables: readonly (readonly FoundDescriptor[])[]
  /** Which Realms have any right to a granule, a bit for each, by granule. */
  readonly reach: Uint8Array
}

/** The kinds of accesses, with their rights. */
const KINDS = [
  ['read', MAY.read],
  ['write', MAY.write],
  ['execute', MAY.execute],
] as const

/**
 * Says of every state whether the laws of memory hold in it. It looks at descriptors in granules, as hardware would, and
 * compares with the account of who holds what and with what the scenario's author wrote down; no code of the monitor or
 * of the package that compares policies takes part.
 */
export class Oracle {
  readonly #stage: Stage
  readonly #together: ReadonlySet<string>

  constructor(stage: Stage) {
    this.#stage = stage
    this.#together = new Set(stage.scenario.together.flatMap((pair) => [pair, pair.split(' + ').reverse().join(' + ')]))
  }

  /** Reads all tables. */
  look(): Sight {
    const { memory } = this.#stage.host.machine
    const { monitor } = this.#stage.host.rmm
    const reach = new Uint8Array(memory.granules)
    const tables = this.#stage.realms.map(({ rd, index }) => {
      const identity = monitor.realmAt(rd)?.identity
      if (identity === undefined) return []
      const { startTableAddress: table, startLevel } = identity
      const found = this.#stage.tables.read({ table, startLevel })
      for (const { kind, address, rights } of found) {
        const granule = memory.granuleIndex(physicalAddressOf(address))
        if (kind === 'realm' && rights !== 0 && granule !== undefined) reach[granule]! |= 1 << index
      }
      return found
    })
    return { tables, reach }
  }

  /** Has every PE walk to what may be there, so that it remembers tables as they are. */
  warmUp({ tables }: Sight): void {
    for (const [index, found] of tables.entries()) {
      const walker = this.#walkerOf(this.#stage.realms[index]!)
      if (walker === undefined) continue
      for (const { ipa, level } of found) if (level === 3) walker.walk(ipa, 'read')
    }
  }

  /** A sentence about the first thing that no law allows, if there is something. */
  judge(sight: Sight, before: Sight | undefined): string | undefined {
    const { told } = this.#stage
    this.#stage.told = undefined
    if (told !== undefined) return `law 6: ${told}`
    for (const realm of this.#stage.realms) {
      const problem = this.#judgeRealm(realm, sight.tables[realm.index]!)
      if (problem !== undefined) return problem
    }
    return this.#judgePairs() ?? (before === undefined ? undefined : this.#judgeNewcomers(sight, before))
  }

  #judgeRealm(realm: StageRealm, found: readonly FoundDescriptor[]): string | undefined {
    const { account } = this.#stage
    const { name, shared, own } = realm.account
    const seen = new Map<number, number>()
    for (const entry of found) {
      const { ipa, kind, address, rights } = entry
      if (kind === 'non-secure') {
        const problem = judgeWindow(realm.account, entry)
        if (problem !== undefined) return problem
      }
      if (kind !== 'realm') continue
      const at = `${name} has ${lettersOf(rights)} at ${hex(ipa)}`
      if (ipa >= HALF) return `law 1: ${at}, memory of the Realm world in the unprotected half`
      const expected = account.rightsAt(realm.account, ipa)
      if (rights !== expected) return `law 4: ${at}, and its policy gives it ${lettersOf(expected)} there`
      if ((own.get(ipa) ?? shared.get(ipa)) !== address)
        return `law 3: ${at}, of ${hex(address)}, which nobody put there`
      if (!this.#isRealmWorlds(address)) return `law 1: ${at}, of ${hex(address)}, which is the host's`
      seen.set(ipa, rights)
    }
    for (const ipa of shared.keys()) {
      const expected = account.rightsAt(realm.account, ipa)
      if (expected !== (seen.get(ipa) ?? 0))
        return `law 4: ${name} has nothing at ${hex(ipa)}, and holds its place there`
    }
    return this.#judgeWalks(realm, seen)
  }

  /** What a PE reaches that has walked before: exactly what the tables say now. */
  #judgeWalks(realm: StageRealm, seen: ReadonlyMap<number, number>): string | undefined {
    const walker = this.#walkerOf(realm)
    if (walker === undefined) return undefined
    const { own, shared, name } = realm.account
    for (const ipa of new Set([...own.keys(), ...shared.keys(), ...this.#stage.scenario.pages.map(addressOf)])) {
      for (const [kind, right] of KINDS) {
        if (walker.walk(ipa, kind) === (((seen.get(ipa) ?? 0) & right) !== 0)) continue
        return `law 1: a PE of ${name} gets to ${hex(ipa)} (${kind}) other than its tables say`
      }
    }
    return undefined
  }

  /** Any two places with a granule in common: known to go together, over the same granules in the same order. */
  #judgePairs(): string | undefined {
    const { account } = this.#stage
    const held = account.realms.flatMap((realm) => {
      const places = (realm.policy?.places ?? []).filter(({ index }) => realm.held.has(index))
      return places.map((place) => ({ realm, place, granules: account.granulesOf(realm, place) }))
    })
    for (const [i, one] of held.entries()) {
      const revoked = one.granules.find((granule) => account.revoked.has(granule))
      if (revoked !== undefined) return `law 3: ${describe(one)} of ${hex(revoked)}, which its owner has revoked`
      if (one.granules.join() !== one.realm.granules.get(one.place.index)) {
        return `law 3: ${describe(one)} over other granules than it was let in to`
      }
      if (new Set(one.granules).size < one.granules.length) return `law 3: ${describe(one)} with one granule twice`
      for (const other of held.slice(i + 1)) {
        if (!one.granules.some((granule) => other.granules.includes(granule))) continue
        const both = `${describe(one)} and ${describe(other)}`
        if (one.granules.join() !== other.granules.join()) return `law 3: ${both}, over other granules`
        if (one.realm === other.realm || !this.#together.has(`${one.place.name} + ${other.place.name}`)) {
          return `law 3: ${both} at the same time`
        }
      }
    }
    return undefined
  }

  /** Whoever has a right that it did not have finds nothing but what it, or somebody who is there all the while, wrote. */
  #judgeNewcomers(now: Sight, before: Sight): string | undefined {
    const { memory } = this.#stage.host.machine
    const { realms } = this.#stage
    for (let granule = 0; granule < memory.granules; granule++) {
      const come = now.reach[granule]! & ~before.reach[granule]!
      if (come === 0) continue
      const stayed = now.reach[granule]! & before.reach[granule]!
      for (const { index, account } of realms) {
        const mark = memory.bytes[granule * GRANULE_SIZE + index]!
        if (mark === 0) continue
        const isKnown = mark === account.life + 1 && ((stayed | come) & (1 << index)) !== 0
        const strangers = come & ~(1 << index)
        if (isKnown && ((stayed & (1 << index)) !== 0 || strangers === 0)) continue
        const address = hex(memory.addressOf(granule))
        return `law 8: a Realm gets to ${address}, which still holds what ${account.name} wrote and left`
      }
    }
    return undefined
  }

  #isRealmWorlds(address: number): boolean {
    const { memory } = this.#stage.host.machine
    const granule = memory.granuleIndex(physicalAddressOf(address))
    return granule !== undefined && memory.pas(granule) === PAS.realm
  }

  /** The walker of a Realm's PE; one that has just begun, if its REC is gone. */
  #walkerOf({ rec, rd }: StageRealm): StepGuest | Stage2Walker | undefined {
    const { machine, rmm } = this.#stage.host
    const guest = rmm.monitor.recAt(rec)?.guest
    if (guest instanceof StepGuest) return guest
    const identity = rmm.monitor.realmAt(rd)?.identity
    if (identity === undefined) return undefined
    const { startTableAddress: table, startLevel, ipaBits, lpa2 } = identity
    return new Stage2Walker(machine.memory, { table, startLevel, ipaBits, lpa2 })
  }
}

/** Memory of the host's in a Realm's tables: in the unprotected half, and with a policy only as far as that lists it. */
function judgeWindow({ name, policy }: RealmAccount, { ipa, level, rights }: FoundDescriptor): string | undefined {
  const at = `${name} has ${lettersOf(rights)} at ${hex(ipa)}, memory of the host's`
  if (ipa < HALF) return `law 1: ${at}, in the protected half`
  if (policy === undefined) return undefined
  const page = (ipa - HALF) / GRANULE_SIZE
  const isListed = policy.windows.some((window) => {
    const fits = level === 3 && page >= window.page && page < window.page + window.pages
    return fits && (rights & ~window.rights) === 0
  })
  return isListed ? undefined : `law 6: ${at}, which its policy does not list`
}

function addressOf(page: number): number {
  return page * GRANULE_SIZE
}

function lettersOf(rights: number): string {
  return ['r', 'w', 'x'].filter((_, bit) => (rights & (1 << bit)) !== 0).join('') || 'nothing'
}

function describe({ realm, place }: { readonly realm: RealmAccount; readonly place: Place }): string {
  return `${realm.name} holds ${place.name}`
}
