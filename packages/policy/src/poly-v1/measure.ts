import { type HashAlgorithm, hash } from '../blob/digest.ts'
import { POLY_ENTRIES, RECORD_BYTES } from './layout.ts'

/** Bytes of each part of the prototype's structure in memory, and where the lists inside a memory and a flow begin. */
const RAW = { header: 8, peer: 12, memory: 216, mappings: 24, mapping: 24, flow: 44, values: 12, total: 2184 } as const

/**
 * The structure in memory that the prototype makes of a blob, 2184 bytes: what it measures and streams in group
 * reports. Every list has eight places; what is not used is zero.
 *
 * @param blob One that `decodePolyV1` accepts.
 */
export function rawPolyV1(blob: Uint8Array): Uint8Array {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  const raw = new Uint8Array(RAW.total)
  const u16 = (at: number): number => view.getUint16(at, true)
  const copy = (to: number, from: number, length: number): void => raw.set(blob.subarray(from, from + length), to)
  // Self and the three counts.
  copy(0, 6, RAW.header)
  const [peers, memories, flows] = [u16(8), u16(10), u16(12)]
  let at: number = RECORD_BYTES.header
  copy(RAW.header, at, peers * RECORD_BYTES.peer)
  at += peers * RECORD_BYTES.peer
  const firstMemory = RAW.header + POLY_ENTRIES * RAW.peer
  for (let i = 0; i < memories; i++) {
    const place = firstMemory + i * RAW.memory
    const mappings = u16(at + 14)
    copy(place, at, 4)
    copy(place + 8, at + 4, 12)
    at += RECORD_BYTES.memory
    for (let k = 0; k < mappings; k++, at += RECORD_BYTES.mapping) {
      const mapping = place + RAW.mappings + k * RAW.mapping
      copy(mapping, at, 4)
      copy(mapping + 8, at + 4, 12)
    }
  }
  const firstFlow = firstMemory + POLY_ENTRIES * RAW.memory
  for (let i = 0; i < flows; i++) {
    const length = RAW.values + u16(at + 10) * RECORD_BYTES.value
    copy(firstFlow + i * RAW.flow, at, length)
    at += length
  }
  return raw
}

/** REM[0] of a Realm of the prototype after it has uploaded a blob, if nothing else was measured there. */
export function polyV1Measurement(blob: Uint8Array, algorithm: HashAlgorithm): Uint8Array {
  const before = new Uint8Array(algorithm === 'sha-256' ? 32 : 64)
  return hash(algorithm, Uint8Array.of(...before, ...rawPolyV1(blob)))
}
