import type { CborValue } from '@mica/policy/cbor'
import { type Finding, finding } from '../findings.ts'

/** A claims set: labels are integers in CCA, but unknown ones of any kind are passed over. */
export type ClaimsMap = ReadonlyMap<unknown, CborValue>

/** Digest sizes that any claim may have: SHA-256, SHA-384, SHA-512. */
export const DIGEST_LENGTHS: readonly number[] = [32, 48, 64]

/** The length of a digest by the IANA name of its algorithm, as claims 2402, 44236 and 44240 spell it. */
export const DIGEST_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
])

/**
 * Reads claims out of one map and collects everything wrong with them. A reader returns a harmless value where a claim
 * is wrong, so that all claims are read; the values count only while `findings` is empty.
 */
export class ClaimsReader {
  readonly findings: Finding[] = []
  readonly #map: ClaimsMap
  readonly #half: string

  constructor(half: string, map: ClaimsMap) {
    this.#half = half
    this.#map = map
  }

  has(label: number): boolean {
    return this.#map.has(label)
  }

  /** Records that the claim is not as its profile says. */
  refuse(label: number, reason: string): void {
    this.findings.push(
      finding('claims', `${this.#half} claim ${label}: ${reason}`, { claim: `${this.#half} ${label}` }),
    )
  }

  value(label: number): CborValue | undefined {
    const value = this.#map.get(label)
    if (value === undefined) this.refuse(label, 'missing')
    return value
  }

  /** A mandatory byte string of one of `lengths`, or of any length but zero when none are given. */
  bytes(label: number, lengths: readonly number[] = []): Uint8Array {
    const value = this.value(label)
    if (value instanceof Uint8Array) {
      const right = lengths.length === 0 ? value.length > 0 : lengths.includes(value.length)
      if (right) return value
      this.refuse(label, lengths.length === 0 ? 'empty' : `${value.length} bytes, not ${lengths.join(' or ')}`)
    } else if (value !== undefined) this.refuse(label, 'not a byte string')
    return new Uint8Array()
  }

  text(label: number): string {
    const value = this.value(label)
    if (typeof value === 'string') return value
    if (value !== undefined) this.refuse(label, 'not a text string')
    return ''
  }

  optionalText(label: number): string | undefined {
    return this.has(label) ? this.text(label) : undefined
  }

  /** A mandatory integer from 0 to `limit`. */
  uint(label: number, limit: number): number {
    const value = this.value(label)
    if (typeof value === 'number' && value >= 0 && value <= limit) return value
    if (value !== undefined) this.refuse(label, `not an unsigned integer up to ${limit}`)
    return 0
  }

  /** A mandatory integer. */
  integer(label: number): number {
    const value = this.value(label)
    if (typeof value === 'number') return value
    if (value !== undefined) this.refuse(label, 'not an integer')
    return 0
  }

  boolean(label: number): boolean {
    const value = this.value(label)
    if (typeof value === 'boolean') return value
    if (value !== undefined) this.refuse(label, 'not a boolean')
    return false
  }

  /** A mandatory name of a hash algorithm. */
  hashAlgorithm(label: number): string {
    const name = this.text(label)
    if (name !== '' && !DIGEST_LENGTH.has(name)) this.refuse(label, 'not sha-256, sha-384 or sha-512')
    return name
  }

  /** A mandatory array of `count` digests, or of at least one. */
  digests(label: number, count?: number): readonly Uint8Array[] {
    const value = this.value(label)
    if (value === undefined) return []
    const items: readonly CborValue[] = Array.isArray(value) ? value : []
    const digests = items.filter((item) => item instanceof Uint8Array)
    const right = items.length > 0 && digests.length === items.length && items.length === (count ?? items.length)
    if (right && digests.every((digest) => DIGEST_LENGTHS.includes(digest.length))) return digests
    this.refuse(label, `not an array of ${count ?? 'one or more'} digests`)
    return []
  }
}
