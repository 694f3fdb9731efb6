import { type Fact, makeFact } from '../facts.ts'
import { fittingMappings, type Identity, isIdentified, unprotectedMemory } from '../identity.ts'
import type { Mapping, Memory, Policy } from '../model.ts'
import { checkStrict } from './strict.ts'
import { checkSameMemory, isBounded, selfName, type View } from './view.ts'

/** One memory that two Realms share, by its index in each policy. The monitor knows it from the granules. */
export interface SharedMemory {
  readonly mine: number
  readonly theirs: number
}

/**
 * Whether two Realms may share these memories: what either says about the other bounds the other's own policy.
 *
 * Checked for each shared memory, then for the policies as wholes, first as `mine` sees `theirs` and then the reverse:
 * a place in the memory, one exactly; kind, size, pacing and (not towards `any`) name; rights and address within the
 * entry; no unprotected memory without the gateway flag; nothing unlisted where the entry is strict, transitively.
 * @returns The first thing wrong, or `undefined`. Which of two comes first may depend on who is `mine`; whether there
 *   is one does not.
 */
export function checkPair(
  mine: Policy,
  me: Identity,
  theirs: Policy,
  them: Identity,
  shared: readonly SharedMemory[],
): Fact | undefined {
  const there = new Map(shared.map((memory) => [memory.theirs, memory.mine]))
  const back = new Map(shared.map((memory) => [memory.mine, memory.theirs]))
  return (
    checkView({ by: mine, byWho: me, of: theirs, ofWho: them, shared: there }) ??
    checkView({ by: theirs, byWho: them, of: mine, ofWho: me, shared: back })
  )
}

function checkView(view: View): Fact | undefined {
  const { by, of, shared } = view
  const entries = new Set<number>()
  for (const [ofIndex, byIndex] of shared) {
    const place = placeOf(view, ofIndex, byIndex)
    if ('rule' in place) return place
    const fact = checkShared(view, by.memories[byIndex]!, of.memories[ofIndex]!, place)
    if (fact !== undefined) return fact
    if (place.entry.peer !== null) entries.add(place.entry.peer)
  }
  for (const entry of entries) {
    const fact = checkEntry(view, entry)
    if (fact !== undefined) return fact
  }
  return undefined
}

/** Where a Realm stands in one memory: by its own policy, and by that of its peer. */
interface Place {
  readonly own: Mapping
  readonly entry: Mapping
}

function placeOf({ by, of, ofWho }: View, ofIndex: number, byIndex: number): Place | Fact {
  const memory = of.memories[ofIndex]
  const own = memory?.mappings.find(({ peer }) => peer === of.self)
  if (memory === undefined || own === undefined) {
    return makeFact('self-not-in-memory', { peer: selfName(of), memory: memory?.name ?? ofIndex })
  }
  const fitting = fittingMappings(by, byIndex, ofWho)
  const at = { memory: by.memories[byIndex]?.name ?? byIndex, by: selfName(by) }
  if (fitting.length === 0) return makeFact('peer-not-admitted', at)
  if (fitting.length > 1) return makeFact('peer-ambiguous', { ...at, count: fitting.length })
  return { own, entry: by.memories[byIndex]!.mappings[fitting[0]!]! }
}

function checkShared(view: View, byMemory: Memory, ofMemory: Memory, { own, entry }: Place): Fact | undefined {
  const memory = byMemory.name
  const by = selfName(view.by)
  const of = selfName(view.of)
  if (byMemory.name !== ofMemory.name && !meetsAsAny(view, ofMemory, entry)) {
    return makeFact('name-differs', { memory, by, theirs: ofMemory.name })
  }
  const fact = checkSameMemory(byMemory, ofMemory, by, of)
  if (fact !== undefined) return fact
  if ((own.rights & ~entry.rights) !== 0) {
    return makeFact('rights-wider', { memory, by, of, rights: own.rights, granted: entry.rights })
  }
  if (entry.ipaGranule !== null && entry.ipaGranule !== own.ipaGranule) {
    return makeFact('address-differs', { memory, by, of })
  }
  return undefined
}

/** Whether either side knows the other as one of `any` here: such components need not know a memory's name. */
function meetsAsAny({ by, of, byWho }: View, ofMemory: Memory, entry: Mapping): boolean {
  const unnamed = (policy: Policy, { peer }: Mapping): boolean => peer === null || !isIdentified(policy.peers[peer]!)
  if (unnamed(by, entry)) return true
  const fitting = fittingMappings(of, of.memories.indexOf(ofMemory), byWho)
  return fitting.some((index) => unnamed(of, ofMemory.mappings[index]!))
}

/** What an entry says about a peer as a whole. */
function checkEntry(view: View, entry: number): Fact | undefined {
  const { by, of } = view
  const peer = by.peers[entry]!
  const memory = peer.gateway ? undefined : unprotectedMemory(of, of.self)
  if (memory !== undefined) return makeFact('peer-not-gateway', { of: peer.name, by: selfName(by), memory })
  return isBounded(peer) ? checkStrict(view, entry) : undefined
}
