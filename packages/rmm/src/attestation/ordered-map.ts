import { type CborValue, encodeCbor } from '@mica/policy/cbor'

/**
 * A CBOR map whose entries stand in the order given, not sorted: the firmware that verifiers know emits its claims in
 * an order of its own. At most 23 entries, labels all different.
 */
export function encodeOrderedMap(entries: readonly (readonly [label: number, value: CborValue])[]): Uint8Array {
  const parts = entries.flatMap(([label, value]) => [encodeCbor(label), encodeCbor(value)])
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 1))
  out[0] = 0xa0 | entries.length
  let offset = 1
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}
