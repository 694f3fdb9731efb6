import type { HashAlgorithm } from '../blob/digest.ts'
import type { Channel } from '../compatible/set.ts'

/** One Realm of a group, as the monitor reports it. */
export interface GroupMember {
  /** Initial measurement, 32 or 64 bytes as the algorithm says. */
  readonly rim: Uint8Array
  /** Personalization value, 64 bytes; absent (or zero) when none. */
  readonly rpv?: Uint8Array | undefined
  /** Extensible measurements 0 to 3; absent when REM[0] is that of the policy alone and the others are zero. */
  readonly rems?: readonly Uint8Array[] | undefined
  readonly hashAlgorithm: HashAlgorithm
  /** The Realm's policy, the exact blob. */
  readonly blob: Uint8Array
  /** Head of the hash chain of joins, leaves and revocations, of the algorithm's size. */
  readonly chainHead?: Uint8Array | undefined
}

/** Everything that a group report says: who is in, under which policy, and who shares which memory now. */
export interface Group {
  readonly members: readonly GroupMember[]
  readonly channels: readonly Channel[]
}

/** Bytes of an encoded group, at most: 1 MiB. */
export const GROUP_BYTES = 1_048_576

/** Bytes to which the policies of a group expand, each counted once, at most: 8 MiB. */
export const GROUP_EXPANDED_BYTES: number = 8 * 1_048_576

/** Members of a group that a reader takes, at most: sorting members that are alike costs more than their bytes. */
export const GROUP_MEMBERS = 1_024

/** Version of the group's format. */
export const GROUP_FORMAT = 1

/** Keys of the group's map. */
export const GROUP_KEY = { format: 1, bodies: 2, members: 3, channels: 4 } as const

/** Extensible measurements in a report. */
export const REMS = 4

/** Numbers of the hash algorithms (RmiHashAlgorithm). */
export const HASH_CODE: Readonly<Record<HashAlgorithm, number>> = { 'sha-256': 0, 'sha-512': 1 }

/** Hash algorithms of their numbers. */
export const HASH_OF: ReadonlyMap<unknown, HashAlgorithm> = new Map<unknown, HashAlgorithm>([
  [0, 'sha-256'],
  [1, 'sha-512'],
])
