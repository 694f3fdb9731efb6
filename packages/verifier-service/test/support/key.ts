import { encodeCbor } from '@mica/policy/cbor'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'

const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
const info = new TextEncoder().encode('mica-key-release-1')

/** A member's key for one session, as its COSE_Key, and what opens what is sealed to it. */
export interface MemberKey {
  readonly encoded: Uint8Array
  open(answer: { readonly encapsulatedSecret: string; readonly ciphertext: string }, nonce: Uint8Array): Promise<string>
}

export async function newKey(): Promise<MemberKey> {
  const pair = await suite.GenerateKeyPair(true)
  const entries: [number, number | Uint8Array][] = [
    [1, 1],
    [-1, 4],
    [-2, await suite.SerializePublicKey(pair.publicKey)],
  ]
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
  return {
    encoded: encodeCbor(new Map(entries)),
    async open({ encapsulatedSecret, ciphertext }, nonce) {
      const aad = nonce
      const opened = await suite.Open(pair.privateKey, bytes(encapsulatedSecret), bytes(ciphertext), { info, aad })
      return Buffer.from(opened).toString()
    },
  }
}
