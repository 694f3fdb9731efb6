import { hash } from './blob/digest.ts'
import { bodyValue } from './blob/encode.ts'
import { encodeCbor } from './cbor/encode.ts'
import type { Policy } from './model.ts'

/** A byte string as a key of a `Map`: one character for each byte. */
export function bytesKey(bytes: Uint8Array): string {
  // Not spread: arguments out of a byte string are several times as fast as out of its iterator.
  return Reflect.apply(String.fromCharCode, undefined, bytes)
}

/**
 * Makes a function of a policy that is computed once for each policy object.
 * INVARIANT: policies are never changed after they are made, as their types say.
 */
export function oncePerPolicy<Result>(compute: (policy: Policy) => Result): (policy: Policy) => Result {
  const cache = new WeakMap<Policy, { readonly result: Result }>()
  return (policy) => {
    const known = cache.get(policy)
    if (known !== undefined) return known.result
    const result = compute(policy)
    cache.set(policy, { result })
    return result
  }
}

/** The measurements of each peer as keys. */
export const rimKeys: (policy: Policy) => readonly (readonly string[])[] = oncePerPolicy((policy) =>
  policy.peers.map(({ rims }) => rims.map(bytesKey)),
)

/** The peers that list each measurement. */
export const peersByRim: (policy: Policy) => ReadonlyMap<string, readonly number[]> = oncePerPolicy((policy) => {
  const byRim = new Map<string, number[]>()
  for (const [index, keys] of rimKeys(policy).entries()) {
    for (const key of keys) {
      const peers = byRim.get(key)
      if (peers === undefined) byRim.set(key, [index])
      else peers.push(index)
    }
  }
  return byRim
})

/** The memories in which each peer has a mapping, by peer. */
export const memoriesOfPeers: (policy: Policy) => readonly (readonly number[])[] = oncePerPolicy((policy) => {
  const memories: number[][] = policy.peers.map(() => [])
  for (const [index, { mappings }] of policy.memories.entries()) {
    for (const { peer } of mappings) if (peer !== null) memories[peer]?.push(index)
  }
  return memories
})

/** Index of the memory of each name. */
export const memoriesByName: (policy: Policy) => ReadonlyMap<string, number> = oncePerPolicy(
  (policy) => new Map(policy.memories.map(({ name }, index) => [name, index])),
)

/** A key that two policies share exactly if they differ in Self alone, as projections of a closed workflow do. */
export const bodyKey: (policy: Policy) => string = oncePerPolicy((policy) =>
  bytesKey(hash('sha-256', encodeCbor(bodyValue(policy)))),
)
