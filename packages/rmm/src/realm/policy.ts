import type { TransitionAction, TransitionClass } from '@mica/policy'

/** What is done with one transition, and why. */
export interface TransitionDecision {
  readonly action: TransitionAction
  readonly rule: string
}

/**
 * A frozen policy, as the base monitor sees it: the questions that commands and exits ask about a Realm that has one.
 * The extension answers them; a Realm without a policy has no such object and pays nothing.
 */
export interface RealmPolicy {
  /** Digest of the blob under the Realm's hash algorithm: claim -75009 of its token. */
  readonly digest: Uint8Array
  /** What is done with an exit, or with an SMC by its function identifier. */
  transition(kind: TransitionClass, id: number): TransitionDecision
  /** Whether the host may map [base, base + size) of the unprotected half with these rights. */
  permitsUnprotected(base: number, size: number, read: boolean, write: boolean): boolean
  /** Whether an address belongs to a shared memory of the policy, present or not: it takes no other granule. */
  reserves(ipa: number): boolean
}
