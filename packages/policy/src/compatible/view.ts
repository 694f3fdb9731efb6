import { type Fact, makeFact } from '../facts.ts'
import type { Identity } from '../identity.ts'
import type { Memory, Policy } from '../model.ts'

/** Two policies, one seen from the other: what `by` says bounds `of`. */
export interface View {
  readonly by: Policy
  readonly byWho: Identity
  readonly of: Policy
  readonly ofWho: Identity
  /** Index of each shared memory in `by`, by its index in `of`. */
  readonly shared: ReadonlyMap<number, number>
}

/** Whether two views of one memory agree in kind, size and pacing. */
export function checkSameMemory(byMemory: Memory, ofMemory: Memory, by: string, of: string): Fact | undefined {
  const memory = byMemory.name
  if (byMemory.kind !== ofMemory.kind) return makeFact('kind-differs', { memory })
  if (byMemory.granules !== ofMemory.granules) {
    return makeFact('size-differs', { memory, by, of, granules: byMemory.granules, theirs: ofMemory.granules })
  }
  // Pacing gives the reader a way back to the writer: one that a peer does not list would be a flow it does not know.
  return byMemory.paced === ofMemory.paced ? undefined : makeFact('pacing-differs', { memory })
}

/** Whether an entry bounds everything its peer may hold: strict, and of a known measurement. */
export function isBounded(peer: { readonly strict: boolean; readonly rims: readonly Uint8Array[] }): boolean {
  return peer.strict && peer.rims.length > 0
}

/** The name of a policy's own peer. */
export function selfName(policy: Policy): string {
  return policy.peers[policy.self]!.name
}
