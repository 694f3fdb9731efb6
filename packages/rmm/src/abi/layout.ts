/**
 * Structures in memory as tables: every field at its offset, little endian, everything between fields zero.
 *
 * The only file that turns bytes of a structure into values and back.
 */

/** One field: where it is, and how its bytes are read and written. */
export interface Field<V> {
  readonly offset: number
  /** Bytes. */
  readonly size: number
  read(view: DataView, at: number): V
  write(view: DataView, at: number, value: V): void
}

/** A structure of `size` bytes with a field for every member of `S`. */
export interface Layout<S> {
  readonly size: number
  readonly fields: { readonly [K in keyof S]-?: Field<S[K]> }
  /** The names of all fields, in the order of their offsets. */
  readonly names: readonly (keyof S)[]
}

export function u8(offset: number): Field<number> {
  return { offset, size: 1, read: (v, at) => v.getUint8(at), write: (v, at, x) => v.setUint8(at, x) }
}

export function u16(offset: number): Field<number> {
  return { offset, size: 2, read: (v, at) => v.getUint16(at, true), write: (v, at, x) => v.setUint16(at, x, true) }
}

export function u32(offset: number): Field<number> {
  return { offset, size: 4, read: (v, at) => v.getUint32(at, true), write: (v, at, x) => v.setUint32(at, x, true) }
}

export function u64(offset: number): Field<bigint> {
  return {
    offset,
    size: 8,
    read: (v, at) => v.getBigUint64(at, true),
    write: (v, at, x) => v.setBigUint64(at, x, true),
  }
}

export function s64(offset: number): Field<bigint> {
  return {
    offset,
    size: 8,
    read: (v, at) => v.getBigInt64(at, true),
    write: (v, at, x) => v.setBigInt64(at, x, true),
  }
}

/** `count` 64-bit words. A shorter list is written with zeroes after it. */
export function u64s(offset: number, count: number): Field<readonly bigint[]> {
  return {
    offset,
    size: 8 * count,
    read: (v, at) => Array.from({ length: count }, (_, i) => v.getBigUint64(at + 8 * i, true)),
    write: (v, at, words) => {
      for (let i = 0; i < count; i++) v.setBigUint64(at + 8 * i, words[i] ?? 0n, true)
    },
  }
}

/** `size` raw bytes, copied. A shorter value is written with zeroes after it. */
export function bytes(offset: number, size: number): Field<Uint8Array> {
  return {
    offset,
    size,
    read: (v, at) => new Uint8Array(v.buffer, v.byteOffset + at, size).slice(),
    write: (v, at, value) => {
      new Uint8Array(v.buffer, v.byteOffset + at, size).set(value.subarray(0, size))
    },
  }
}

/** Makes a layout; throws if a field overlaps another or leaves the structure, so a wrong table never loads. */
export function layout<S>(size: number, fields: Layout<S>['fields']): Layout<S> {
  const names = namesByOffset(fields)
  let end = 0
  for (const name of names) {
    const field = fields[name]
    if (field.offset < end) throw new RangeError(`field ${String(name)} overlaps the one before it`)
    end = field.offset + field.size
  }
  if (end > size) throw new RangeError(`the fields take ${end} bytes of ${size}`)
  return { size, fields, names }
}

/** The bytes of a structure. Members left out are zero. */
export function encodeLayout<S>(table: Layout<S>, value: Partial<S>): Uint8Array {
  const out = new Uint8Array(table.size)
  const view = new DataView(out.buffer)
  for (const name of table.names) writeField(view, table.fields[name], value[name])
  return out
}

/** The members of a structure. Reads `table.size` bytes; the caller has checked that there are as many. */
export function decodeLayout<S>(table: Layout<S>, source: Uint8Array): S {
  const view = new DataView(source.buffer, source.byteOffset, table.size)
  const value: Partial<S> = {}
  for (const name of table.names) value[name] = table.fields[name].read(view, table.fields[name].offset)
  // Every member has a field, by the type of Layout.
  return value as S
}

function writeField<V>(view: DataView, field: Field<V>, value: V | undefined): void {
  if (value !== undefined) field.write(view, field.offset, value)
}

/** Own keys of a table, in the order of their offsets. Every key of a literal table is a member of S. */
function namesByOffset<S>(fields: Layout<S>['fields']): (keyof S)[] {
  return (Object.keys(fields) as (keyof S)[]).sort((a, b) => fields[a].offset - fields[b].offset)
}
