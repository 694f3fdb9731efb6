import { gcm } from '@noble/ciphers/aes.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** Bytes of the stream in one record, at most. */
export const RECORD_SIZE = 16_384

/** What a record says. Which of these it is, is encrypted too. */
export type RecordContent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** Nothing more comes, and nothing is missing. */
  | { readonly kind: 'end' }
  /** Nothing more comes, for this reason. */
  | { readonly kind: 'failed'; readonly message: string }

/** One key for each direction of a session. */
export interface SessionKeys {
  readonly toRealm: Uint8Array
  readonly toClient: Uint8Array
}

/**
 * Derives the keys of a session: HKDF-SHA256 with the released secret, salted with the challenge of the report that it
 * was released for, so that a secret released twice gives other keys.
 */
export function sessionKeys(secret: Uint8Array, challenge: Uint8Array): SessionKeys {
  const key = (direction: string): Uint8Array =>
    hkdf(sha256, secret, challenge, new TextEncoder().encode(`mica-session-1 ${direction}`), 32)
  return { toRealm: key('to realm'), toClient: key('to client') }
}

const DATA = 0
const END = 1
const FAILED = 2

/**
 * The nonces of one direction: a record's position in the stream, so that a record that is missing, repeated or moved
 * does not open.
 */
class NonceCounter {
  #position = 0

  next(): Uint8Array {
    const nonce = new Uint8Array(12)
    new DataView(nonce.buffer).setBigUint64(4, BigInt(this.#position++))
    return nonce
  }
}

/** Encrypts the records of one direction, AES-256-GCM. */
export class RecordSealer {
  readonly #key: Uint8Array
  readonly #nonces = new NonceCounter()

  constructor(key: Uint8Array) {
    this.#key = key
  }

  seal(content: RecordContent): Uint8Array {
    return gcm(this.#key, this.#nonces.next()).encrypt(encodeContent(content))
  }
}

/** Decrypts the records of one direction. */
export class RecordOpener {
  readonly #key: Uint8Array
  readonly #nonces = new NonceCounter()

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** @returns `undefined` unless this is the next record of the stream. There is no going on after that. */
  open(ciphertext: Uint8Array): RecordContent | undefined {
    const nonce = this.#nonces.next()
    let plaintext: Uint8Array
    try {
      plaintext = gcm(this.#key, nonce).decrypt(ciphertext)
    } catch {
      return undefined
    }
    return decodeContent(plaintext)
  }
}

function encodeContent(content: RecordContent): Uint8Array {
  if (content.kind === 'end') return Uint8Array.of(END)
  const payload = content.kind === 'data' ? content.bytes : new TextEncoder().encode(content.message)
  const plaintext = new Uint8Array(1 + payload.length)
  plaintext.set([content.kind === 'data' ? DATA : FAILED])
  plaintext.set(payload, 1)
  return plaintext
}

function decodeContent(plaintext: Uint8Array): RecordContent | undefined {
  const payload = plaintext.subarray(1)
  if (plaintext[0] === DATA) return { kind: 'data', bytes: payload.slice() }
  if (plaintext[0] === FAILED) return { kind: 'failed', message: new TextDecoder().decode(payload) }
  return plaintext[0] === END && payload.length === 0 ? { kind: 'end' } : undefined
}
