import { GRANULE_SIZE } from '@mica/hw-sim'
import type { MemorySketch, Sketch } from '../lab/policy-sketch.ts'
import * as abi from '../src/abi/index.ts'

/** Rights of stage 2, as a set of bits. */
export const MAY = { read: 1, write: 2, execute: 4 } as const

/** A protected memory in which a policy gives its Realm a place. */
export interface Place {
  /** `policy.memory`. */
  readonly name: string
  /** Its index in the policy. */
  readonly index: number
  readonly at: number | undefined
  readonly pages: number
  readonly rights: number
}

/** A range of the host's memory that a policy lists, with the Realm's rights there. */
interface Window {
  readonly page: number
  readonly pages: number
  readonly rights: number
}

/** What a policy gives its Realm, as its author wrote it down. */
export interface PolicyFacts {
  readonly name: string
  readonly places: readonly Place[]
  readonly windows: readonly Window[]
}

/** The facts of a policy, from its sketch alone. */
export function factsOf(name: string, { self, memories = {} }: Sketch): PolicyFacts {
  const own = Object.entries(memories).flatMap(([memory, sketch], index) => {
    const letters = sketch.rights[self]
    return letters === undefined ? [] : [{ name: `${name}.${memory}`, index, sketch, rights: bitsOf(letters) }]
  })
  const pagesOf = (sketch: MemorySketch): number => sketch.granules ?? 1
  return {
    name,
    places: own
      .filter(({ sketch }) => sketch.unprotected !== true)
      .map(({ sketch, ...rest }) => ({ ...rest, at: sketch.at, pages: pagesOf(sketch) })),
    windows: own
      .filter(({ sketch }) => sketch.unprotected === true)
      .map(({ sketch, rights }) => ({ page: sketch.at ?? 0, pages: pagesOf(sketch), rights })),
  }
}

function bitsOf(letters: string): number {
  const bits: Readonly<Record<string, number>> = { r: MAY.read, w: MAY.write, x: MAY.execute }
  return [...letters].reduce((sum, letter) => sum | (bits[letter] ?? 0), 0)
}

/** What has become of one Realm, as answers of calls tell it. */
export interface RealmAccount {
  readonly name: string
  readonly rd: number
  /** How often it was built again. */
  life: number
  policy: PolicyFacts | undefined
  /** Where the places of its policy lie, and over which granules, by their index in the policy; fixed by the upload. */
  readonly bases: Map<number, number>
  readonly granules: Map<number, string>
  /** Places that it has now. */
  readonly held: Set<number>
  /** Granules that the host has mapped as shared memory, and as the Realm's own, by address. */
  readonly shared: Map<number, number>
  readonly own: Map<number, number>
}

/** A call that succeeded, whoever made it: function identifier and x1 on. */
export interface Success {
  readonly fid: bigint
  readonly args: readonly number[]
}

/**
 * The smallest account of who holds what that answers of calls can give. It shares nothing with the monitor or with the
 * package that compares policies: what a policy says is taken from how its author sketched it.
 */
export class Account {
  readonly realms: readonly RealmAccount[]
  /** Granules of memories that an owner has ended, until nobody maps them any more. */
  readonly revoked: Set<number> = new Set()

  constructor(realms: readonly { readonly name: string; readonly rd: number }[]) {
    this.realms = realms.map(({ name, rd }) => {
      const maps = { bases: new Map(), granules: new Map(), shared: new Map(), own: new Map() }
      return { name, rd, life: 0, policy: undefined, held: new Set(), ...maps }
    })
  }

  /** Rights that a Realm should have at an address: those of the place that it holds there, or all in memory of its own. */
  rightsAt(realm: RealmAccount, ipa: number): number {
    // The walk decides whether memory of its own is declared RAM; the account does not follow that.
    if (realm.own.has(ipa)) return MAY.read | MAY.write | MAY.execute
    const place = placeAround(realm, ipa)
    return place !== undefined && realm.held.has(place.index) ? place.rights : 0
  }

  /** The granules of a place, in order; 0 for one that is not there. */
  granulesOf(realm: RealmAccount, { index, pages }: Place): readonly number[] {
    const base = realm.bases.get(index)!
    return Array.from({ length: pages }, (_, page) => realm.shared.get(base + page * GRANULE_SIZE) ?? 0)
  }

  /** Takes note of a host's call. */
  noteHost({ fid, args: [x1 = 0, x2 = 0, x3 = 0] }: Success): void {
    const realm = this.realms.find(({ rd }) => rd === x1)
    if (realm === undefined) return
    switch (fid) {
      case abi.RMI_DATA_CREATE_UNKNOWN_SHARED:
        realm.shared.set(x3, x2)
        break
      case abi.RMI_DATA_DESTROY_SHARED: {
        const place = placeAround(realm, x2)
        if (place !== undefined) realm.held.delete(place.index)
        const granule = realm.shared.get(x2)!
        realm.shared.delete(x2)
        if (!this.realms.some(({ shared }) => [...shared.values()].includes(granule))) this.revoked.delete(granule)
        break
      }
      case abi.RMI_DATA_CREATE:
      case abi.RMI_DATA_CREATE_UNKNOWN:
        realm.own.set(x3, x2)
        break
      case abi.RMI_DATA_DESTROY:
        realm.own.delete(x2)
        break
      case abi.RMI_REALM_DESTROY:
        realm.policy = undefined
        for (const part of [realm.bases, realm.granules, realm.held, realm.shared, realm.own]) part.clear()
        break
    }
  }

  /** Takes note of an upload: places with an address lie there, the others take what remains, in ascending order. */
  noteUpload(realm: RealmAccount, policy: PolicyFacts): void {
    realm.policy = policy
    const left = new Set([...realm.shared.keys()].sort((a, b) => a - b))
    for (const pinned of [true, false]) {
      for (const place of policy.places) {
        const { index, at, pages } = place
        if ((at !== undefined) !== pinned) continue
        const base = at === undefined ? [...left][0]! : at * GRANULE_SIZE
        realm.bases.set(index, base)
        realm.held.add(index)
        for (let page = 0; page < pages; page++) left.delete(base + page * GRANULE_SIZE)
        realm.granules.set(index, this.granulesOf(realm, place).join())
      }
    }
  }

  /** Takes note of a call about the memory of an index, or about all. */
  noteMembership(realm: RealmAccount, fid: bigint, memory: number | 'all'): void {
    const places = (realm.policy?.places ?? []).filter(({ index }) => memory === 'all' || index === memory)
    for (const place of places) {
      if (fid === abi.RSI_MICA_LEAVE) realm.held.delete(place.index)
      else if (fid === abi.RSI_MICA_REJOIN) realm.held.add(place.index)
      else if (fid === abi.RSI_MICA_REVOKE) this.#revoke(new Set(this.granulesOf(realm, place)))
    }
  }

  #revoke(granules: ReadonlySet<number>): void {
    for (const granule of granules) this.revoked.add(granule)
    for (const realm of this.realms) {
      for (const place of realm.policy?.places ?? []) {
        if (this.granulesOf(realm, place).some((granule) => granules.has(granule))) realm.held.delete(place.index)
      }
    }
  }
}

function placeAround({ policy, bases }: RealmAccount, ipa: number): Place | undefined {
  return policy?.places.find(({ index, pages }) => {
    const base = bases.get(index)!
    return ipa >= base && ipa < base + pages * GRANULE_SIZE
  })
}
