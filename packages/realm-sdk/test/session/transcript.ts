import { decodeCbor } from '@mica/policy/cbor'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'
import type { ByteChannel, SessionApproval, SessionOffer, SessionServices } from '../../src/session/index.ts'

/** A channel whose other end is the test: what the gateway sends is kept, what it receives is pushed. */
export class HeldChannel implements ByteChannel {
  readonly sent: Uint8Array[] = []
  readonly #arrived: (Uint8Array | undefined)[] = []
  #wake: (() => void) | undefined

  async send(message: Uint8Array): Promise<void> {
    this.sent.push(message)
    this.#wake?.()
  }

  async *receive(): AsyncIterableIterator<Uint8Array> {
    for (;;) {
      while (this.#arrived.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
      const message = this.#arrived.shift()
      if (message === undefined) return
      yield message
    }
  }

  deliver(message: Uint8Array): void {
    this.#arrived.push(message)
    this.#wake?.()
  }

  close(): void {
    this.#arrived.push(undefined)
    this.#wake?.()
  }
}

/** Services of a Realm: "evidence" is the challenge itself, and random numbers count up from `seed`. */
export function services(seed: number): SessionServices {
  let next = seed
  return {
    attestGroup: async (challenge) => challenge.slice(),
    entropy: (length) => new Uint8Array(length).fill(next++),
  }
}

/** Seals `secret` to the offered key as a verifier does, if the evidence contains the challenge of this offer. */
export function releasing(secret: Uint8Array): (offer: SessionOffer) => Promise<SessionApproval> {
  return async ({ nonce, recipientKey, evidence, challenge }) => {
    if (!Buffer.from(evidence).includes(Buffer.from(challenge))) return { kind: 'refuse' }
    const decoded = decodeCbor(recipientKey, { deterministic: true })
    const x = decoded.kind === 'value' && decoded.value instanceof Map ? decoded.value.get(-2) : undefined
    if (!(x instanceof Uint8Array)) return { kind: 'refuse' }
    const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
    const key = await suite.DeserializePublicKey(x)
    const info = new TextEncoder().encode('mica-key-release-1')
    return { kind: 'release', secret, ...(await suite.Seal(key, secret, { info, aad: nonce })) }
  }
}
