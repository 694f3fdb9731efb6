/** How large a policy may be. Configuration with generous defaults; over one is an error, never a truncation. */
export interface PolicyLimits {
  /** Bytes of a blob. */
  readonly blobBytes: number
  readonly peers: number
  readonly memories: number
  readonly transitions: number
  /** Granules below which addresses and sizes lie. */
  readonly halfGranules: number
}

/** Granules in one half of a Realm's address space: addresses lie below 2^37 bytes from its start. */
export const HALF_GRANULES = 0x200_0000

/** The limits of blob format 2: 64 KiB, 256 peers, 256 memories, 1,024 transitions. */
export const DEFAULT_LIMITS: PolicyLimits = {
  blobBytes: 65_536,
  peers: 256,
  memories: 256,
  transitions: 1_024,
  halfGranules: HALF_GRANULES,
}

/** Bytes of a name, at most. */
export const NAME_BYTES = 32

/** Measurements that one peer may list, at most. */
export const PEER_RIMS = 8

/** Bytes of a Realm personalization value. */
export const RPV_BYTES = 64
