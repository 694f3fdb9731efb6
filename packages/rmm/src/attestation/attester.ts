import type { RootOfTrust } from '@mica/hw-sim'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { CMW_COLLECTION_TAG, COLLECTION_TAG, EAT_CWT_CONTENT_FORMAT, PLATFORM_TOKEN, REALM_TOKEN } from './claims.ts'
import { coseKey, coseSign1, type SigningKey } from './cose-sign1.ts'

/** Name of the hash under which the platform binds the attestation key. */
export const RAK_HASH_ALGORITHM = 'sha-256'

/**
 * Signs what the monitor says of Realms, with the attestation key that the root of trust gave it at boot, and joins it
 * with the platform token that vouches for that key.
 */
export class Attester {
  readonly #rootOfTrust: RootOfTrust
  #key: SigningKey | undefined
  #publicKey: Uint8Array | undefined
  #platformToken: Uint8Array | undefined

  constructor(rootOfTrust: RootOfTrust) {
    this.#rootOfTrust = rootOfTrust
  }

  /** The public attestation key as COSE_Key bytes: claim 44237. */
  get publicKey(): Uint8Array {
    this.#publicKey ??= coseKey(this.#signingKey())
    return this.#publicKey
  }

  /** Signs claims and joins them with the platform token, in the form of RMM 1.0: tag 399. */
  collection(claims: Uint8Array): Uint8Array {
    const realm = coseSign1(claims, this.#signingKey())
    const members: [number, CborValue][] = [
      [PLATFORM_TOKEN, this.#platform()],
      [REALM_TOKEN, realm],
    ]
    return encodeCbor({ tag: COLLECTION_TAG, value: new Map(members) })
  }

  /** As {@link Attester.collection}, in the form with content types: tag 907. */
  typedCollection(claims: Uint8Array): Uint8Array {
    const statement = coseSign1(claims, this.#signingKey())
    const members: [number, CborValue][] = [
      [PLATFORM_TOKEN, [EAT_CWT_CONTENT_FORMAT, this.#platform()]],
      [REALM_TOKEN, [EAT_CWT_CONTENT_FORMAT, statement]],
    ]
    return encodeCbor({ tag: CMW_COLLECTION_TAG, value: new Map(members) })
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
