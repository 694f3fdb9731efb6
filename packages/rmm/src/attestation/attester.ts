import type { RootOfTrust } from '@mica/hw-sim'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import {
  CBOR_CONTENT_FORMAT,
  CMW_COLLECTION_TAG,
  COLLECTION_TAG,
  EAT_CWT_CONTENT_FORMAT,
  PLATFORM_TOKEN,
  REALM_TOKEN,
} from './claims.ts'
import { coseKey, coseSign1, type SigningKey } from './cose-sign1.ts'

/** Name of the hash under which the platform binds the attestation key. */
export const RAK_HASH_ALGORITHM = 'sha-256'

/**
 * How a Realm's token is joined with the platform's: as RMM 1.0 does, a collection with tag 399 and bare members; or as
 * later revisions do, with tag 907 and the content type of each member. The members are the same bytes.
 */
export type TokenFormat = 'tag-399' | 'tag-907'

/** The two halves of a token, each a COSE_Sign1. */
interface TokenMembers {
  readonly platform: Uint8Array
  readonly statement: Uint8Array
}

/**
 * Signs what the monitor says of Realms, with the attestation key that the root of trust gave it at boot, and joins it
 * with the platform token that vouches for that key.
 */
export class Attester {
  readonly #rootOfTrust: RootOfTrust
  readonly #format: TokenFormat
  #key: SigningKey | undefined
  #publicKey: Uint8Array | undefined
  #platformToken: Uint8Array | undefined

  constructor(rootOfTrust: RootOfTrust, format: TokenFormat) {
    this.#rootOfTrust = rootOfTrust
    this.#format = format
  }

  /** The public attestation key as COSE_Key bytes: claim 44237. */
  get publicKey(): Uint8Array {
    this.#publicKey ??= coseKey(this.#signingKey())
    return this.#publicKey
  }

  /** Signs claims and joins them with the platform token, in the form that this monitor was told to use. */
  collection(claims: Uint8Array, format: TokenFormat = this.#format): Uint8Array {
    const members = this.#sign(claims)
    return encodeCbor(format === 'tag-399' ? plainCollection(members) : typedCollection(members))
  }

  /** Signs claims and joins them, under content types, with the platform token and with CBOR that is not signed. */
  collectionWith(claims: Uint8Array, label: number, beside: Uint8Array): Uint8Array {
    return encodeCbor(typedCollection(this.#sign(claims), [label, [CBOR_CONTENT_FORMAT, beside]]))
  }

  #sign(claims: Uint8Array): TokenMembers {
    return { platform: this.#platform(), statement: coseSign1(claims, this.#signingKey()) }
  }

  #signingKey(): SigningKey {
    this.#key ??= { secret: this.#rootOfTrust.realmAttestationKey() }
    return this.#key
  }

  /** Asked for once a boot: its challenge is the attestation key, which stays. */
  #platform(): Uint8Array {
    this.#platformToken ??= this.#rootOfTrust.platformToken(sha256(this.publicKey))
    return this.#platformToken
  }
}

function plainCollection({ platform, statement }: TokenMembers): CborValue {
  const members: [number, CborValue][] = [
    [PLATFORM_TOKEN, platform],
    [REALM_TOKEN, statement],
  ]
  return { tag: COLLECTION_TAG, value: new Map(members) }
}

function typedCollection({ platform, statement }: TokenMembers, ...beside: readonly [number, CborValue][]): CborValue {
  const members: [number, CborValue][] = [
    [PLATFORM_TOKEN, [EAT_CWT_CONTENT_FORMAT, platform]],
    [REALM_TOKEN, [EAT_CWT_CONTENT_FORMAT, statement]],
    ...beside,
  ]
  return { tag: CMW_COLLECTION_TAG, value: new Map(members) }
}
