import type { Assertion } from '@mica/policy'

/** What a verifier expects of a group. */
export interface GroupExpectations {
  /** The images that may take part, by the name of the peer: `peers` of the lock file. Nobody else may. */
  readonly peers: ReadonlyMap<string, readonly Uint8Array[]>
  /** What must hold of the attested graph. Their digest must be that in every member's policy; none: no digest is asked for. */
  readonly assertions: readonly Assertion[]
  /** Peers that must be members now. Absent: none; an absent peer counts with all that its entry allows. */
  readonly present?: 'all' | readonly string[] | undefined
  /** Channels that two or more members must hold now, by name. Absent: none. */
  readonly active?: readonly string[] | undefined
  /**
   * Whether the group must be closed: no `any`, no `open` peer, every peer with an identity. True unless said
   * otherwise; assertions count open ends as the host either way.
   */
  readonly closed?: boolean | undefined
}
