import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'

/**
 * What goes over the unprotected channel between a client and a gateway. The host carries it, so it can read, change,
 * drop and invent messages; everything that matters is inside evidence, a sealed secret or an encrypted record.
 */
export type SessionMessage =
  /** Client: asks for evidence that binds this nonce, 16 to 64 bytes. */
  | { readonly kind: 'hello'; readonly nonce: Uint8Array }
  /** Gateway: its key for this session as a COSE_Key, and group evidence whose challenge binds key and nonce. */
  | { readonly kind: 'evidence'; readonly recipientKey: Uint8Array; readonly evidence: Uint8Array }
  /** Client: the secret, sealed to that key. */
  | { readonly kind: 'secret'; readonly encapsulatedSecret: Uint8Array; readonly ciphertext: Uint8Array }
  /** Client: there will be no secret. */
  | { readonly kind: 'refusal' }
  /** Gateway: the sealed secret does not open with the key of this session. */
  | { readonly kind: 'not-opened' }
  /** Either: the next record of its stream. */
  | { readonly kind: 'record'; readonly ciphertext: Uint8Array }

const HELLO = 1
const EVIDENCE = 2
const SECRET = 3
const REFUSAL = 4
const NOT_OPENED = 5
const RECORD = 6

const MIN_NONCE = 16
const MAX_NONCE = 64

/** Renders a message: a CBOR array of its number and its byte strings. */
export function encodeMessage(message: SessionMessage): Uint8Array {
  switch (message.kind) {
    case 'hello':
      return encodeCbor([HELLO, message.nonce])
    case 'evidence':
      return encodeCbor([EVIDENCE, message.recipientKey, message.evidence])
    case 'secret':
      return encodeCbor([SECRET, message.encapsulatedSecret, message.ciphertext])
    case 'refusal':
      return encodeCbor([REFUSAL])
    case 'not-opened':
      return encodeCbor([NOT_OPENED])
    case 'record':
      return encodeCbor([RECORD, message.ciphertext])
  }
}

/** Reads a message. `undefined` for anything but the one encoding of a message. */
export function decodeMessage(bytes: Uint8Array): SessionMessage | undefined {
  const decoded = decodeCbor(bytes, { deterministic: true, maxDepth: 1, maxItems: 4 })
  if (decoded.kind === 'malformed' || !Array.isArray(decoded.value)) return undefined
  const [number, ...parts]: readonly CborValue[] = decoded.value
  const [first, second] = parts
  if (parts.length === 0)
    return number === REFUSAL ? { kind: 'refusal' } : number === NOT_OPENED ? { kind: 'not-opened' } : undefined
  if (!(first instanceof Uint8Array)) return undefined
  if (parts.length === 1) {
    if (number === RECORD) return { kind: 'record', ciphertext: first }
    const fits = first.length >= MIN_NONCE && first.length <= MAX_NONCE
    return number === HELLO && fits ? { kind: 'hello', nonce: first } : undefined
  }
  if (parts.length !== 2 || !(second instanceof Uint8Array)) return undefined
  if (number === EVIDENCE) return { kind: 'evidence', recipientKey: first, evidence: second }
  return number === SECRET ? { kind: 'secret', encapsulatedSecret: first, ciphertext: second } : undefined
}
