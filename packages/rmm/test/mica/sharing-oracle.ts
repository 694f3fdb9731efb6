import { type AccessKind, GRANULE_SIZE, Stage2Walker } from '@mica/hw-sim'
import type { Mapping, Memory, Policy, Transition } from '@mica/policy'
import type { ScriptedRealm } from '../scripted-host.ts'

// What policies say about who may share what, decided once more: from the text of the language, and without any code of
// the package that decides it for compiler, monitor and verifier.

/** A Realm of a machine: its policy, where it has one. */
export interface Judged {
  readonly realm: ScriptedRealm
  readonly policy: Policy | undefined
}

/** Addresses that are looked at: runs of shared pages begin at multiples of `stride` granules, windows anywhere. */
export interface Places {
  readonly first: number
  readonly stride: number
  readonly runs: number
  readonly windows: readonly number[]
}

/** Bits of the rights that stage 2 has; `owner` is none of them. */
const KINDS: readonly (readonly [AccessKind, number])[] = [
  ['read', 1],
  ['write', 2],
  ['execute', 4],
]
const ALL = 7

/** Pages in a row that a Realm reaches, as hardware walks its tables. */
interface Run {
  readonly who: Judged & { readonly policy: Policy }
  readonly base: number
  readonly rights: number
  readonly granules: readonly number[]
}

/**
 * Says of a machine what no set of policies allows on it; `undefined` if there is nothing of the kind. Necessary conditions
 * only: each is a sentence of the language, and what breaks one is wrong whatever else holds.
 */
export function objection(realms: readonly Judged[], places: Places): string | undefined {
  const runs: Run[] = []
  for (const { realm, policy } of realms) {
    const reach = reachOf(realm)
    const found = runsOf(reach, places)
    if (policy === undefined) {
      if (found.length > 0) return 'a Realm without a policy reaches shared memory'
      continue
    }
    const who = { realm, policy }
    for (const run of found) {
      if (memoriesOf({ who, ...run }).length === 0)
        return `${nameOf(policy)} reaches what its own policy does not give it`
      runs.push({ who, ...run })
    }
    for (const page of places.windows) {
      const { rights } = reach(2 ** 31 + page * GRANULE_SIZE)
      if ((rights & ~windowRights(policy, page)) !== 0) return `${nameOf(policy)} keeps memory of the host's`
    }
  }
  for (const [index, one] of runs.entries()) {
    const others = runs.filter(
      (other) => other !== one && other.granules.some((granule) => one.granules.includes(granule)),
    )
    for (const other of others) {
      if (other.who.realm === one.who.realm) return `${nameOf(one.who.policy)} reaches a granule twice`
      if (String(other.granules) !== String(one.granules)) return 'two Realms share a part, or in another order'
    }
    for (const other of others) {
      if (runs.indexOf(other) < index) continue
      if (!meet(one, other))
        return `${nameOf(one.who.policy)} and ${nameOf(other.who.policy)} share what they do not agree on`
    }
    if (!memoriesOf(one).some((memory) => hasRoom(one, memory, others))) {
      return `${nameOf(one.who.policy)} shares with more than it lets in`
    }
  }
  return undefined
}

const nameOf = ({ peers, self }: Policy): string => peers[self]!.name

/** What a PE of a Realm may do at an address, and the granule that it gets to. */
function reachOf({
  host,
  realm,
}: ScriptedRealm): (ipa: number) => { readonly rights: number; readonly granule: number } {
  const { startTableAddress: table, startLevel, ipaBits, lpa2 } = realm.identity
  const walker = new Stage2Walker(host.machine.memory, { table, startLevel, ipaBits, lpa2 })
  return (ipa) => {
    let rights = 0
    let granule = -1
    for (const [kind, bit] of KINDS) {
      if (!walker.walk(ipa, kind)) continue
      rights |= bit
      granule = walker.result.offset / GRANULE_SIZE
    }
    return { rights, granule }
  }
}

function runsOf(reach: ReturnType<typeof reachOf>, { first, stride, runs }: Places): Omit<Run, 'who'>[] {
  return Array.from({ length: runs }, (_, run) => (first + run * stride) * GRANULE_SIZE).flatMap((base) => {
    const pages = Array.from({ length: stride }, (_, page) => reach(base + page * GRANULE_SIZE)).filter(
      ({ rights }) => rights !== 0,
    )
    const [begin] = pages
    if (begin === undefined) return []
    // Pages of one memory have the same rights: others are given away by rights that no memory has.
    const rights = pages.reduce((all, page) => (page.rights === begin.rights ? all : -1), begin.rights)
    return [{ base, rights, granules: pages.map(({ granule }) => granule) }]
  })
}

/** The memories of its own policy that a Realm may have there, with just these rights. */
function memoriesOf({ who: { policy }, base, rights, granules }: Run): readonly Memory[] {
  return policy.memories.filter((memory) => {
    const own = memory.mappings.find(({ peer }) => peer === policy.self)
    if (memory.kind !== 'protected' || own === undefined || memory.granules !== granules.length) return false
    return (own.rights & ALL) === rights && (own.ipaGranule === null || own.ipaGranule * GRANULE_SIZE === base)
  })
}

/** The rights that a policy gives its Realm to a page of the host's. */
function windowRights({ memories, self }: Policy, page: number): number {
  return memories.reduce((rights, { kind, granules, mappings }) => {
    const own = mappings.find(({ peer }) => peer === self)
    const at = own?.ipaGranule
    const holds = kind === 'unprotected' && typeof at === 'number' && page >= at && page < at + granules
    return holds ? rights | own!.rights : rights
  }, 0)
}

/** Whether there is a memory of each such that both let the other in, with what it has. */
function meet(one: Run, other: Run): boolean {
  return memoriesOf(one).some((mine) =>
    memoriesOf(other).some((theirs) => {
      const [there, back] = [entriesFor(one, mine, other), entriesFor(other, theirs, one)]
      const unnamed = [
        ...there.map((entry) => isNamed(one, entry)),
        ...back.map((entry) => isNamed(other, entry)),
      ].includes(false)
      if (mine.paced !== theirs.paced || (mine.name !== theirs.name && !unnamed)) return false
      return there.some((entry) => admits(one, entry, other)) && back.some((entry) => admits(other, entry, one))
    }),
  )
}

/** The peer of a policy that lists the measurement of another Realm. */
function peerFor({ who: { policy } }: Run, { who }: Run): number | undefined {
  const { rim } = who.realm
  const found = policy.peers.findIndex(({ rims }) => rims.some((one) => Buffer.from(one).equals(rim)))
  return found < 0 ? undefined : found
}

/** Mappings by which a Realm may be in a memory: those of the peer it is known as, or else those for whoever comes. */
function entriesFor(one: Run, memory: Memory, other: Run): readonly Mapping[] {
  const { policy } = one.who
  const known = peerFor(one, other)
  return memory.mappings.filter(({ peer }) => {
    if (known !== undefined) return peer === known
    return peer === null || (peer !== policy.self && policy.peers[peer]!.rims.length === 0)
  })
}

const isNamed = ({ who: { policy } }: Run, { peer }: Mapping): boolean =>
  peer !== null && policy.peers[peer]!.rims.length > 0

/** Whether what one Realm's policy says of another in this mapping covers what that one has, there and elsewhere. */
function admits(one: Run, { peer, rights, ipaGranule }: Mapping, other: Run): boolean {
  if ((other.rights & ~rights) !== 0) return false
  if (ipaGranule !== null && ipaGranule * GRANULE_SIZE !== other.base) return false
  if (peer === null) return true
  const entry = one.who.policy.peers[peer]!
  const theirs = other.who.policy
  const own = theirs.memories.filter(({ mappings }) => mappings.some((mapping) => mapping.peer === theirs.self))
  if (!entry.gateway && own.some(({ kind }) => kind === 'unprotected')) return false
  if (!entry.strict || entry.rims.length === 0) return true
  const rules = theirs.transitions.filter((rule) => rule.peer === theirs.self && rule.action !== 'block')
  return (
    own.every((memory) => isListed(memory, theirs, one.who.policy, peer) || memoriesOf(other).includes(memory)) &&
    rules.every((rule) => isCovered(rule, one.who.policy, peer))
  )
}

/** Whether a policy gives a peer everything that the peer's own gives itself in a memory. */
function isListed({ name, kind, granules, mappings }: Memory, theirs: Policy, policy: Policy, peer: number): boolean {
  const own = mappings.find((mapping) => mapping.peer === theirs.self)!
  return policy.memories.some((memory) => {
    const entry =
      memory.mappings.find((mapping) => mapping.peer === peer) ??
      memory.mappings.find((mapping) => mapping.peer === null)
    const isSame = memory.name === name && memory.kind === kind && memory.granules === granules
    return isSame && entry !== undefined && (own.rights & ~entry.rights) === 0
  })
}

const RANK = { block: 0, scrub: 1, allow: 2 } as const

/** Whether a policy lists a transition of a peer, in one rule, and no less open. */
const isCovered = ({ class: kind, action, ranges }: Transition, policy: Policy, peer: number): boolean =>
  policy.transitions.some(
    (rule) =>
      rule.peer === peer &&
      rule.class === kind &&
      RANK[rule.action] >= RANK[action] &&
      ranges.every(([low, high]) => rule.ranges.some(([first, last]) => first <= low && high <= last)),
  )

/** Whether the others in a memory are no more than its mappings have room for: one in a named place, so many of `any`. */
function hasRoom(one: Run, memory: Memory, others: readonly Run[]): boolean {
  const { self } = one.who.policy
  return memory.mappings.every((mapping) => {
    const { peer, anyCount } = mapping
    const here = others.filter((other) => entriesFor(one, memory, other).includes(mapping)).length
    if (peer === null) return here <= (anyCount ?? Number.POSITIVE_INFINITY)
    return here <= (peer === self ? 0 : 1)
  })
}
