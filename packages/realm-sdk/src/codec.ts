/** Turns messages into bytes and back. Whoever sent the bytes is hostile. */
export interface Codec<T> {
  encode(message: T): Uint8Array
  /** @returns `undefined` when the bytes are no message of this codec. Never throws. */
  decode(bytes: Uint8Array): { readonly value: T } | undefined
}
