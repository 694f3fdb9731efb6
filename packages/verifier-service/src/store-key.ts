import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { EndorsementRecord, SecretRecord } from './store/store.ts'

/** Bytes of a store key. */
export const STORE_KEY_LENGTH = 32

const CIPHER = 'aes-256-gcm'
const IV_LENGTH = 12
const GCM_TAG_LENGTH = 16
const MAC_LENGTH = 32

/**
 * The key under which a store keeps what it is not trusted with: secrets are encrypted, and documents of operators carry
 * a tag, so that whoever reads the database learns no secret, and whoever writes to it can take away but not add.
 * All instances of a service have the same key.
 */
export class StoreKey {
  readonly #secrets: Uint8Array
  readonly #documents: Uint8Array

  /** Throws `RangeError` for a key of other than 32 bytes, which is the caller's mistake. */
  constructor(key: Uint8Array) {
    if (key.length !== STORE_KEY_LENGTH) throw new RangeError(`a store key has ${STORE_KEY_LENGTH} bytes`)
    this.#secrets = derive(key, 'mica-store-secrets-1')
    this.#documents = derive(key, 'mica-store-documents-1')
  }

  /** AES-256-GCM: IV, ciphertext, tag. The id and the terms are what it is sealed with: neither can be exchanged. */
  seal(id: string, terms: string, secret: Uint8Array): Uint8Array {
    const iv = randomBytes(IV_LENGTH)
    const cipher = createCipheriv(CIPHER, this.#secrets, iv, { authTagLength: GCM_TAG_LENGTH }).setAAD(aad(id, terms))
    return new Uint8Array(Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]))
  }

  /** The secret of a record; `undefined` when it was sealed under another key, or anything of the record was changed. */
  open({ id, terms, sealed }: SecretRecord): Uint8Array | undefined {
    const tagAt = sealed.length - GCM_TAG_LENGTH
    if (tagAt < IV_LENGTH) return undefined
    const iv = sealed.subarray(0, IV_LENGTH)
    const decipher = createDecipheriv(CIPHER, this.#secrets, iv, { authTagLength: GCM_TAG_LENGTH })
    decipher.setAAD(aad(id, terms)).setAuthTag(sealed.subarray(tagAt))
    try {
      return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(IV_LENGTH, tagAt)), decipher.final()]))
    } catch {
      // The cipher says by throwing that the tag is of something else.
      return undefined
    }
  }

  /** A document as the store keeps it: HMAC-SHA-256 over its media type and bytes, then the bytes. */
  vouch(mediaType: string, document: Uint8Array): Uint8Array {
    return new Uint8Array(Buffer.concat([this.#mac(mediaType, document), document]))
  }

  /** The document of a record; `undefined` when no instance with this key stored it so. */
  vouched({ mediaType, bytes }: Pick<EndorsementRecord, 'mediaType' | 'bytes'>): Uint8Array | undefined {
    if (bytes.length < MAC_LENGTH) return undefined
    const document = bytes.slice(MAC_LENGTH)
    return timingSafeEqual(this.#mac(mediaType, document), bytes.subarray(0, MAC_LENGTH)) ? document : undefined
  }

  #mac(mediaType: string, document: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#documents).update(mediaType).update('\0').update(document).digest()
  }
}

const derive = (key: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), purpose, STORE_KEY_LENGTH))

const aad = (id: string, terms: string): Uint8Array => new TextEncoder().encode(`${id}\0${terms}`)
