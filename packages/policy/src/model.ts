/**
 * The model: what a policy says, free of any text or encoding.
 *
 * A {@link Workflow} is the author's global view; a {@link Policy} is one peer's view of it, which the monitor
 * enforces and the blob encodes. Indices are positions in the arrays of the same policy.
 */

/** Rights of a mapping, a set of bits as the blob has them. */
export const RIGHT = { read: 1, write: 2, execute: 4, owner: 8 } as const
export type Rights = number

export type MemoryKind = 'protected' | 'unprotected'
export type TransitionClass = 'call' | 'exception' | 'interrupt'
/** Ordered from narrow to wide: block, scrub, allow. */
export type TransitionAction = 'block' | 'scrub' | 'allow'

/** A component, as one policy describes it. */
export interface Peer {
  /** 1 to 32 bytes of UTF-8. A label: it authenticates nothing. */
  readonly name: string
  /** May have unprotected memory. */
  readonly gateway: boolean
  /** May hold only memories and transitions that this policy lists. */
  readonly strict: boolean
  /** Accepted initial measurements, 32 or 64 bytes, all of one length; empty: anyone, once. */
  readonly rims: readonly Uint8Array[]
  /** Realm personalization value, 64 bytes: tells replicas apart. */
  readonly rpv?: Uint8Array | undefined
  /** The number, 32 bits, by which `POLY` v1 knows the peer, where no measurement gives it. No part of format 2. */
  readonly label?: number | undefined
}

/** One peer's place in a memory. */
export interface Mapping {
  /** Index of the peer; `null` is `any`: components this policy does not name. */
  readonly peer: number | null
  readonly rights: Rights
  /** Granule number from the start of the memory's half of the IPA space; `null`: wherever the host put it. */
  readonly ipaGranule: number | null
  /** With `any`: how many components at most; absent: no limit. */
  readonly anyCount?: number | undefined
}

/** Shared memory. A channel is one whose mappings follow an arrow. */
export interface Memory {
  readonly name: string
  readonly kind: MemoryKind
  /** Size in granules of 4 KiB. */
  readonly granules: number
  readonly mappings: readonly Mapping[]
  /** Whether the reader may signal "one more slot" through the monitor. */
  readonly paced: boolean
}

/** Inclusive range of identifiers: SMC function ids, exception classes or INTIDs. */
export type IdRange = readonly [first: number, last: number]

/** What of one class may cross between a peer and the host. */
export interface Transition {
  readonly peer: number
  readonly class: TransitionClass
  readonly action: TransitionAction
  /** Sorted, disjoint and merged. */
  readonly ranges: readonly IdRange[]
  /** The same ids as they were written, where that is not in order. `POLY` v1 keeps the order; it means nothing. */
  readonly written?: readonly IdRange[] | undefined
}

/** One peer's policy: what RSI_UPLOAD_POLICY hands to the monitor. */
export interface Policy {
  readonly self: number
  readonly peers: readonly Peer[]
  readonly memories: readonly Memory[]
  readonly transitions: readonly Transition[]
  readonly version?: number | undefined
  /** SHA-256 over the workflow's assertions in canonical form. */
  readonly assertionDigest?: Uint8Array | undefined
}

/** A property of the flow graph that the author states. `S` and `T` are names of peers, memories or `host`. */
export type Property =
  | { readonly kind: 'never-reaches'; readonly from: string; readonly to: string; readonly except: readonly string[] }
  | { readonly kind: 'reaches'; readonly from: string; readonly to: string }
  | { readonly kind: 'reaches-only-via'; readonly from: string; readonly to: string; readonly via: readonly string[] }
  | { readonly kind: 'acyclic'; readonly except: readonly string[] }
  | { readonly kind: 'isolated'; readonly a: string; readonly b: string; readonly except: readonly string[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'gateways-are'; readonly names: readonly string[] }
  | { readonly kind: 'leakers-are'; readonly names: readonly string[] }
  | { readonly kind: 'quiet'; readonly peer: string }

/**
 * An assertion: a property, and the strangers it assumes to be confined, by the names of their memories, or of peers that
 * are open or without identity. One that is confined holds what the file says under that name, and nothing else: not the
 * `any` of a second memory either, which nobody could tell from afar.
 */
export interface Assertion {
  readonly property: Property
  readonly confined: readonly string[]
  readonly reason?: string | undefined
  /** Where it was written; opaque to this package. */
  readonly origin?: unknown
}

/** A peer as the author of a workflow describes it. */
export interface WorkflowPeer extends Peer {
  /** The author takes responsibility for its code. Affects reports, never enforcement. */
  readonly trusted: boolean
  /** Source module of its image, relative to the policy file. */
  readonly image?: string | undefined
  readonly origin?: unknown
}

export interface WorkflowMemory extends Memory {
  readonly origin?: unknown
}

export interface WorkflowTransition extends Transition {
  readonly origin?: unknown
}

/** The global view: everything a policy file says, in file order, patterns expanded, addresses assigned. */
export interface Workflow {
  readonly name: string
  readonly version?: number | undefined
  readonly peers: readonly WorkflowPeer[]
  readonly memories: readonly WorkflowMemory[]
  readonly transitions: readonly WorkflowTransition[]
  readonly assertions: readonly Assertion[]
}
