import type { GranuleIndex, PhysicalAddress } from '@mica/hw-sim'
import { type Hash, RMI_HASH_SHA_256 } from '../abi/index.ts'
import { sha256, sha512 } from './hash.ts'
import type { RealmPolicy } from './policy.ts'

export type RealmState = 'new' | 'active' | 'system-off'

/** Measurement registers that a Realm can extend: REM[0] to REM[3], indices 1 to 4 of the RSI. */
export const REM_COUNT = 4

/** First physical address that translation tables cannot lead to: with FEAT_LPA2 there is none on any machine. */
export function tableAddressLimit(lpa2: boolean): number {
  return lpa2 ? 2 ** 52 : 2 ** 48
}

/** What RMI_REALM_CREATE fixes for the life of a Realm. */
export interface RealmIdentity {
  /** The granule of its descriptor, and that granule's address. */
  readonly granule: GranuleIndex
  readonly rd: PhysicalAddress
  readonly flags: bigint
  /** Width of the IPA space in bits. */
  readonly ipaBits: number
  /** Whether its translation tables have 52-bit addresses (FEAT_LPA2). */
  readonly lpa2: boolean
  readonly startLevel: number
  /** First start-level table; the others follow it. */
  readonly startTable: GranuleIndex
  readonly startTableAddress: PhysicalAddress
  readonly startTables: number
  readonly hashAlgorithm: number
  readonly rpv: Uint8Array
  readonly vmid: number
}

/**
 * A Realm: what its descriptor granule stands for.
 *
 * SIMPLIFIED: descriptors of Realms and RECs live in the monitor's own memory; their granules are accounted for, and
 * stay zero.
 */
export class Realm {
  readonly identity: RealmIdentity
  readonly hash: Hash
  state: RealmState = 'new'
  /** Initial measurement, 32 or 64 bytes; fixed by activation. */
  rim: Uint8Array
  readonly rems: Uint8Array[]
  /** Index of the next REC; keeps counting when RECs are destroyed. */
  nextRecIndex = 0
  /** Set once, by the extension, when the Realm has uploaded a policy. */
  policy: RealmPolicy | undefined

  constructor(identity: RealmIdentity, measure: (hash: Hash) => Uint8Array) {
    this.identity = identity
    this.hash = identity.hashAlgorithm === RMI_HASH_SHA_256 ? sha256 : sha512
    this.rim = measure(this.hash)
    const size = this.rim.length
    this.rems = Array.from({ length: REM_COUNT }, () => new Uint8Array(size))
  }

  get rd(): PhysicalAddress {
    return this.identity.rd
  }

  /** First address after the IPA space. */
  get ipaLimit(): number {
    return 2 ** this.identity.ipaBits
  }

  /** Whether its translation tables can lead to a physical address. */
  reaches(address: number): boolean {
    return address < tableAddressLimit(this.identity.lpa2)
  }

  /** Whether `ipa` is in the protected half, [0, ipaLimit / 2). */
  isProtected(ipa: number): boolean {
    return ipa < this.ipaLimit / 2
  }
}
