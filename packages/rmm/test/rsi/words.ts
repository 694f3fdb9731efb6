/** Bytes as the eight registers that they travel in: little-endian words, zero after the last. */
export function wordsOf(bytes: Uint8Array): readonly bigint[] {
  const padded = new Uint8Array(64)
  padded.set(bytes)
  return Array.from(new BigUint64Array(padded.buffer))
}
