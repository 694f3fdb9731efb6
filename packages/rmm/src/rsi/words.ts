import type { GeneralRegisters } from '@mica/hw-sim'

/** Registers in which 64 bytes travel: a measurement, a challenge. */
const WORDS = 8

/** Bytes as eight little-endian registers, zero after the last. At most 64 bytes. */
export function bytesToWords(bytes: Uint8Array): bigint[] {
  const padded = new Uint8Array(WORDS * 8)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return Array.from({ length: WORDS }, (_, i) => view.getBigUint64(i * 8, true))
}

/** The 64 bytes in eight registers from `first` on. */
export function wordsToBytes(x: GeneralRegisters, first: number): Uint8Array {
  const bytes = new Uint8Array(WORDS * 8)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < WORDS; i++) view.setBigUint64(i * 8, x[first + i]!, true)
  return bytes
}
