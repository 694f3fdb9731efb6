/**
 * What a Realm is told about its place in a workflow: the shape of the module that is generated from the policy, and
 * that becomes part of the image. It holds no measurement, so an image does not depend on its own.
 */

/** What a peer may do with a channel, in this order: read, write, execute; `o` for owner. */
export type ChannelRights = string

/** One shared memory of a peer. */
export interface ChannelDeclaration {
  readonly name: string
  readonly kind: 'protected' | 'unprotected'
  /** The peer's own rights. */
  readonly rights: ChannelRights
  /** Size in granules of 4 KiB. */
  readonly granules: number
  readonly paced: boolean
  /** Who else maps it: names of peers, `host`, or `any`. */
  readonly ends: readonly string[]
  /** Everyone who writes it, in the order of their lanes. */
  readonly writers: readonly string[]
  readonly readers: readonly string[]
}

/** One peer of a workflow, as its own code knows it. */
export interface PeerDeclaration {
  readonly workflow: string
  readonly peer: string
  readonly channels: Readonly<Record<string, ChannelDeclaration>>
  /** Calls that the policy lets this peer make: names as the policy language has them. */
  readonly calls: readonly string[]
}
