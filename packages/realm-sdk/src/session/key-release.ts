import { encodeCbor } from '@mica/policy/cbor'
import { sha512 } from '@noble/hashes/sha2.js'
import { AEAD_AES_256_GCM, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from '@panva/hpke-noble'
import { CipherSuite, type KeyPair } from 'hpke'

const LABEL = /* @__PURE__ */ new TextEncoder().encode('mica-key-release-1')

/** What binds a session to a key: SHA-512("mica-key-release-1" || nonce || COSE_Key bytes), the challenge of a report. */
export function keyReleaseChallenge(nonce: Uint8Array, recipientKey: Uint8Array): Uint8Array {
  return sha512.create().update(LABEL).update(nonce).update(recipientKey).digest()
}

/** A key that a secret can be sealed to, used for one session. */
export interface RecipientKey {
  readonly pair: KeyPair
  /** The public half as a COSE_Key: `{1: 1, -1: 4, -2: x}` in deterministic CBOR. */
  readonly encoded: Uint8Array
}

// Not WebCrypto, which does not exist in a Realm.
function suite(): CipherSuite {
  return new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
}

/** Makes an X25519 key from 32 random bytes. */
export async function makeRecipientKey(random: Uint8Array): Promise<RecipientKey> {
  const pair = await suite().DeriveKeyPair(random, true)
  const x = await suite().SerializePublicKey(pair.publicKey)
  const encoded = encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [-1, 4],
      [-2, x],
    ]),
  )
  return { pair, encoded }
}

/**
 * Opens a secret that was sealed to a key in a session (HPKE, base mode; the nonce is the associated data).
 *
 * @returns `undefined` when it was sealed to another key or in another session, or was changed on the way.
 */
export async function openSecret(
  key: RecipientKey,
  nonce: Uint8Array,
  sealed: { readonly encapsulatedSecret: Uint8Array; readonly ciphertext: Uint8Array },
): Promise<Uint8Array | undefined> {
  try {
    return await suite().Open(key.pair, sealed.encapsulatedSecret, sealed.ciphertext, { info: LABEL, aad: nonce })
  } catch {
    // The library says by throwing that the host handed over something else.
    return undefined
  }
}
