import type { CborKey, CborValue } from './cbor/value.ts'

/** A place in a decoded value and what it had to be: the first that is not ends the reading. */
export interface Misshape {
  readonly where: string
  readonly expected: string
}

/**
 * Reads decoded CBOR as a grammar says it is.
 *
 * After the first mismatch every reader returns a value of its type that means nothing, so that readers need no checks
 * between steps; whoever reads asks `misshape` once at the end and throws the result away if there is one.
 * INVARIANT: nothing read after a mismatch leaves the function that made the reader.
 */
export class ShapeReader {
  misshape: Misshape | undefined

  /** Notes a mismatch. */
  fail(where: string, expected: string): void {
    this.misshape ??= { where, expected }
  }

  array(value: CborValue | undefined, where: string, least: number, most: number): readonly CborValue[] {
    if (isArray(value) && value.length >= least && value.length <= most) return value
    this.fail(where, most === Number.POSITIVE_INFINITY ? 'a list' : `a list of ${least} to ${most} items`)
    return []
  }

  /** A map with every required key and no other than the required and optional ones. */
  map(
    value: CborValue | undefined,
    where: string,
    required: readonly number[],
    optional: readonly number[] = [],
  ): ReadonlyMap<CborKey, CborValue> {
    if (value instanceof Map) {
      const known = [...required, ...optional]
      const unknown = [...value.keys()].some((key) => typeof key !== 'number' || !known.includes(key))
      if (!unknown && required.every((key) => value.has(key))) return value
    }
    this.fail(where, `a map with the keys ${required.join(', ')}`)
    return new Map()
  }

  uint(value: CborValue | undefined, where: string): number {
    if (typeof value === 'number' && value >= 0) return value
    this.fail(where, 'an unsigned integer below 2^53')
    return 0
  }

  bytes(value: CborValue | undefined, where: string, lengths: readonly number[] = []): Uint8Array {
    if (value instanceof Uint8Array && (lengths.length === 0 || lengths.includes(value.length))) return value
    this.fail(where, lengths.length === 0 ? 'a byte string' : `a byte string of ${lengths.join(' or ')} bytes`)
    return new Uint8Array()
  }

  text(value: CborValue | undefined, where: string): string {
    if (typeof value === 'string') return value
    this.fail(where, 'text')
    return ''
  }

  /** The word of a number, by a table. */
  word<Word extends string>(value: CborValue | undefined, where: string, words: ReadonlyMap<unknown, Word>): Word {
    const word = words.get(value)
    if (word !== undefined) return word
    this.fail(where, `one of ${[...words.keys()].join(', ')}`)
    // Any word will do: after a mismatch the result is thrown away.
    return [...words.values()][0]!
  }
}

/** `Array.isArray`, which narrows a readonly array out of the union. */
export function isArray(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value)
}
