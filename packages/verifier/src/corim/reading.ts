import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { shown } from '../findings.ts'

/** A map of a manifest. Keys are integers, but for integrity registers. */
export type CorimMap = ReadonlyMap<unknown, CborValue>

/** Depth and size within which a manifest is looked at. Real ones nest 14 deep and hold a few hundred items. */
const LIMITS = { deterministic: false, indefinite: true, maxDepth: 32, maxItems: 65_536 }

/** What is passed over is named one by one up to here: a manifest may hold as many strange things as items. */
const MAX_NOTES = 32
const MORE_NOTES = 'more is passed over than is named here'

/**
 * One reading of a manifest: the first thing that is wrong with it, and what was passed over. Readers return
 * `undefined` where something is wrong, after saying so here.
 */
export class Reading {
  refusal: string | undefined
  readonly notes: string[] = []

  refuse(reason: string): undefined {
    this.refusal ??= reason
    return undefined
  }

  /** Records something that is in the manifest and plays no part in appraisal. Each only once, and the first of many. */
  note(text: string): void {
    if (this.notes.length > MAX_NOTES || this.notes.includes(text)) return
    this.notes.push(this.notes.length < MAX_NOTES ? text : MORE_NOTES)
  }

  /** The CBOR item in `bytes`. */
  decode(bytes: Uint8Array, what: string): CborValue | undefined {
    const decoded = decodeCbor(bytes, LIMITS)
    if (decoded.kind === 'value') return decoded.value
    return this.refuse(`${what}: ${decoded.reason} at byte ${decoded.offset}`)
  }

  map(value: CborValue | undefined, what: string): CorimMap | undefined {
    return value instanceof Map ? value : this.refuse(`${what} is ${value === undefined ? 'missing' : 'no map'}`)
  }

  /** An array of one or more items. */
  list(value: CborValue | undefined, what: string): readonly CborValue[] | undefined {
    if (Array.isArray(value) && value.length > 0) return value
    return this.refuse(`${what} is ${value === undefined ? 'missing' : 'no list of one or more'}`)
  }

  /** The byte string under one of `tags`, of one of `lengths` if any are given. */
  bytes(
    value: CborValue | undefined,
    what: string,
    tags: readonly number[],
    lengths: readonly number[] = [],
  ): Uint8Array | undefined {
    if (value === undefined) return this.refuse(`${what} is missing`)
    const content = tags.map((tag) => tagged(value, tag)).find((inner) => inner instanceof Uint8Array)
    if (!(content instanceof Uint8Array)) return this.refuse(`${what} is no byte string under tag ${tags.join(' or ')}`)
    if (lengths.length > 0 && !lengths.includes(content.length))
      return this.refuse(`${what} has ${content.length} bytes, not ${lengths.join(' or ')}`)
    return content
  }

  /** Text that may be absent: `undefined` is then no refusal. */
  optionalText(value: CborValue | undefined, what: string): string | undefined {
    if (value === undefined || typeof value === 'string') return value
    return this.refuse(`${what} is no text`)
  }
}

/** What stands under `tag`; `undefined` when the value carries another tag or none. */
export function tagged(value: CborValue | undefined, tag: number): CborValue | undefined {
  const matches = typeof value === 'object' && value !== null && 'tag' in value && value.tag === tag
  return matches ? value.value : undefined
}

/** A key or code of a manifest as a message may show it. */
export const shownValue = (value: unknown): string =>
  typeof value === 'string'
    ? `\`${shown(value)}\``
    : typeof value === 'number' || typeof value === 'bigint'
      ? `${value}`
      : 'of another kind'
