import { GRANULE_SIZE } from '@mica/hw-sim'
import { type Identity, type Policy, RIGHT, type TransitionClass, transitionAction } from '@mica/policy'
import type { RealmPolicy, TransitionDecision } from '../realm/policy.ts'
import type { Realm } from '../realm/realm.ts'

/** A range of a Realm's address space that its policy lists, with the Realm's own rights there. */
export interface ListedRange {
  /** Index of the memory in the policy. */
  readonly memory: number
  readonly base: number
  readonly size: number
  readonly rights: number
}

/** Decisions are looked up once for each identifier; a guest that tries all of a class gets no more memory than this. */
const MAX_CACHED_DECISIONS = 4096

/** A policy that a Realm has uploaded, in force for the rest of its life. */
export class FrozenPolicy implements RealmPolicy {
  readonly policy: Policy
  readonly identity: Identity
  readonly blob: Uint8Array
  readonly digest: Uint8Array
  readonly #protected: ReadonlyMap<number, ListedRange>
  readonly #unprotected: readonly ListedRange[]
  readonly #decisions: Readonly<Record<TransitionClass, Map<number, TransitionDecision>>> = {
    call: new Map(),
    exception: new Map(),
    interrupt: new Map(),
  }

  constructor(fields: {
    readonly policy: Policy
    readonly identity: Identity
    readonly blob: Uint8Array
    readonly digest: Uint8Array
    readonly protectedRanges: readonly ListedRange[]
    readonly unprotectedRanges: readonly ListedRange[]
  }) {
    this.policy = fields.policy
    this.identity = fields.identity
    this.blob = fields.blob
    this.digest = fields.digest
    this.#protected = new Map(fields.protectedRanges.map((range) => [range.memory, range]))
    this.#unprotected = fields.unprotectedRanges
  }

  /** A protected memory of this policy, where its Realm has it; `undefined` if it has no place in one of that index. */
  memory(index: number): ListedRange | undefined {
    return this.#protected.get(index)
  }

  /** Every protected memory in which its Realm has a place. */
  get memories(): readonly ListedRange[] {
    return [...this.#protected.values()]
  }

  transition(kind: TransitionClass, id: number): TransitionDecision {
    const decisions = this.#decisions[kind]
    const known = decisions.get(id)
    if (known !== undefined) return known
    const decision = transitionAction(this.policy, this.policy.self, kind, id)
    if (decisions.size < MAX_CACHED_DECISIONS) decisions.set(id, decision)
    return decision
  }

  permitsUnprotected(base: number, size: number, read: boolean, write: boolean): boolean {
    const range = rangeAround(this.#unprotected, base, size)
    if (range === undefined) return false
    return (!read || (range.rights & RIGHT.read) !== 0) && (!write || (range.rights & RIGHT.write) !== 0)
  }

  reserves(ipa: number): boolean {
    return rangeAround(this.memories, ipa, GRANULE_SIZE) !== undefined
  }
}

/** The listed range that holds all of [base, base + size), if one does. */
export function rangeAround(ranges: readonly ListedRange[], base: number, size: number): ListedRange | undefined {
  return ranges.find((range) => base >= range.base && base + size <= range.base + range.size)
}

/** The unprotected memories of Self, where the policy puts them. One without an address is nowhere. */
export function unprotectedRanges(policy: Policy, realm: Realm): readonly ListedRange[] {
  const half = realm.ipaLimit / 2
  return policy.memories.flatMap(({ kind, granules, mappings }, memory) => {
    const own = mappings.find(({ peer }) => peer === policy.self)
    if (kind !== 'unprotected' || own === undefined || own.ipaGranule === null) return []
    const base = half + own.ipaGranule * GRANULE_SIZE
    return [{ memory, base, size: granules * GRANULE_SIZE, rights: own.rights }]
  })
}
