import { Decoder, Encoder } from 'cbor-x/index-no-eval'
import type { Codec } from './codec.ts'

const options = {
  useRecords: false,
  mapsAsObjects: true,
  tagUint8Array: false,
  variableMapSize: true,
  // Decoded byte strings would alias the message they came in.
  copyBuffers: true,
} as const

/**
 * CBOR for application messages: objects with string keys, arrays, numbers, text, booleans, null and `Uint8Array`.
 *
 * For data between components, not for evidence: it accepts encodings that are not canonical. What a peer sends has no
 * checked shape, hence `unknown`; {@link cborOf} adds a check.
 */
export const cbor: Codec<unknown> = {
  // A copy: the encoder answers with a view of a buffer that it goes on using.
  encode: (message) => new Uint8Array(new Encoder(options).encode(message)),
  decode(bytes) {
    try {
      // A view of its own: the decoder attaches properties to the array that it is given.
      return { value: new Decoder(options).decode(bytes.subarray()) }
    } catch {
      // The decoder reports malformed input, and nesting deeper than its stack, by throwing.
      return undefined
    }
  },
}

/**
 * CBOR whose messages have a known shape.
 *
 * @param accepts Whether a decoded value is a `T`. Messages it rejects are treated as malformed.
 */
export function cborOf<T>(accepts: (value: unknown) => value is T): Codec<T> {
  return {
    encode: cbor.encode,
    decode(bytes) {
      const decoded = cbor.decode(bytes)
      return decoded !== undefined && accepts(decoded.value) ? { value: decoded.value } : undefined
    },
  }
}
