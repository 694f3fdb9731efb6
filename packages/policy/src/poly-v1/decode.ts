import { firstDifference } from '../blob/decode.ts'
import { decodeUtf8 } from '../cbor/utf8.ts'
import { compareBytes } from '../cbor/value.ts'
import { type Fact, makeFact } from '../facts.ts'
import type {
  IdRange,
  Mapping,
  Memory,
  MemoryKind,
  Peer,
  Policy,
  Transition,
  TransitionAction,
  TransitionClass,
} from '../model.ts'
import { normalizeRanges } from '../ranges.ts'
import { checkWellFormed } from '../well-formed.ts'
import { encodePolyV1 } from './encode.ts'
import {
  ANY_INDEX,
  flowName,
  POLY_ENTRIES,
  POLY_LIMITS,
  POLY_MAGIC,
  POLY_NAME_BYTES,
  POLY_VERSION,
  UNLIMITED,
} from './layout.ts'

/** A policy read from `POLY` v1, or the first reason why bytes are none. */
export type PolyDecoding =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'refused'; readonly fact: Fact }

const GRANULE = 4096n
const KINDS: readonly MemoryKind[] = ['protected', 'unprotected']
const CLASSES: readonly TransitionClass[] = ['call', 'exception']
const ACTIONS: readonly TransitionAction[] = ['block', 'allow']

/** Whether bytes say of themselves that they are `POLY`, of whatever version. */
export function isPoly(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === POLY_MAGIC
}

/**
 * Reads `POLY` v1 strictly. Never throws.
 *
 * The prototype's parser is lenient: it stores the first eight entries of a list, looks at the first bytes of a page,
 * and takes control flows that do nothing. Here what it would leave out or ignore is refused, as is what it refuses.
 * In this order: another magic or version, an end inside a record, a value that no record has, bytes after the last
 * record, a policy that is not well-formed, bytes that differ from the policy written again.
 * Labels are the only identities, so peers have no measurement.
 * @param bytes A private copy: not memory that somebody else may write meanwhile.
 */
export function decodePolyV1(bytes: Uint8Array): PolyDecoding {
  const refused = (fact: Fact): PolyDecoding => ({ kind: 'refused', fact })
  if (!isPoly(bytes)) return refused(makeFact('poly-magic'))
  const reader = new PolyReader(bytes)
  const policy = readPolicy(reader)
  if (reader.fact !== undefined) return refused(reader.fact)
  const fact = checkWellFormed(policy, POLY_LIMITS)
  if (fact !== undefined) return refused(fact)
  const again = encodePolyV1(policy)
  if (again.kind === 'refused') return refused(again.facts[0]!)
  if (compareBytes(again.blob, bytes) !== 0) {
    return refused(makeFact('poly-not-canonical', { offset: firstDifference(again.blob, bytes) }))
  }
  return { kind: 'policy', policy }
}

function readPolicy(reader: PolyReader): Policy {
  reader.u32('the magic')
  const version = reader.u16('the version')
  if (version !== POLY_VERSION) reader.fail(makeFact('unknown-format', { format: version, known: POLY_VERSION }))
  const self = reader.u16('the index of Self')
  const peers = reader.count('peers')
  const memories = reader.count('memories')
  const flows = reader.count('control flows')
  reader.zero(reader.u16('the header'), 'the reserved field of the header')
  // A policy without a memory shares nothing, and the prototype takes none.
  if (memories === 0) reader.bad('the number of memories', 0, 'at least 1')
  const policy = {
    self,
    peers: times(peers, (i) => readPeer(reader, `peer ${i}`)),
    memories: times(memories, (i) => readMemory(reader, `memory ${i}`)),
    transitions: times(flows, (i) => readFlow(reader, i, peers)),
  }
  reader.end()
  return policy
}

function times<Item>(count: number, make: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function readPeer(reader: PolyReader, where: string): Peer {
  const peer = {
    name: reader.name(where),
    label: reader.u32(`${where} label`),
    gateway: reader.flag(`${where} gateway flag`),
    strict: reader.flag(`${where} strict flag`),
    rims: [],
  }
  reader.zero(reader.u16(where), `the reserved field of ${where}`)
  return peer
}

function readMemory(reader: PolyReader, where: string): Memory {
  const name = reader.name(where)
  const granules = reader.granules(`${where} size`)
  const kind = reader.word(`${where} kind`, KINDS)
  const mappings = times(reader.count(`mappings of ${where}`), (i) => readMapping(reader, `${where} mapping ${i}`))
  if (mappings.length === 0) reader.bad(`the number of mappings of ${where}`, 0, 'at least 1')
  return { name, kind, granules, mappings, paced: false }
}

function readMapping(reader: PolyReader, where: string): Mapping {
  const index = reader.u16(`${where} peer`)
  const rights = reader.u16(`${where} rights`)
  if (rights < 1 || rights > 3) reader.bad(`${where} rights`, rights, '1, 2 or 3')
  const ipaGranule = reader.granules(`${where} address`)
  const count = reader.u32(`${where} count`) | 0
  reader.zero(reader.u32(where), `the reserved field of ${where}`)
  if (index !== ANY_INDEX) {
    reader.zero(count, `${where} count`)
    return { peer: index, rights, ipaGranule }
  }
  if (count < 1 && count !== UNLIMITED) reader.bad(`${where} count`, count, 'at least 1, or -1 for no limit')
  return { peer: null, rights, ipaGranule, ...(count === UNLIMITED ? {} : { anyCount: count }) }
}

function readFlow(reader: PolyReader, index: number, peers: number): Transition {
  const where = `control flow ${index}`
  const name = reader.name(where)
  if (name !== flowName(index)) reader.bad(`the name of ${where}`, name, flowName(index))
  const peer = reader.u16(`${where} owner`)
  // One that nobody owns never applies to anybody.
  if (peer >= peers) reader.bad(`${where} owner`, peer, 'the index of a peer')
  const transitionClass = reader.word(`${where} type`, CLASSES)
  const action = reader.word(`${where} policy`, ACTIONS)
  const values = times(reader.count(`values of ${where}`), (i) => reader.u32(`${where} value ${i}`))
  if (values.length === 0) reader.bad(`the number of values of ${where}`, 0, 'at least 1')
  const repeated = values.find((value, i) => values.indexOf(value) !== i)
  if (repeated !== undefined) reader.bad(`${where} value`, repeated, 'listed once')
  const written = values.map((value): IdRange => [value, value])
  const inOrder = values.every((value, i) => i === 0 || value > values[i - 1]!)
  const ranges = normalizeRanges(written)
  return { peer, class: transitionClass, action, ranges, ...(inOrder ? {} : { written }) }
}

/**
 * Reads fields one after another. After the first that is wrong every read returns a value that means nothing, so that
 * readers need no checks between steps; whoever reads asks `fact` at the end.
 * INVARIANT: nothing read after a fact leaves the function that made the reader.
 */
class PolyReader {
  fact: Fact | undefined
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  fail(fact: Fact): void {
    this.fact ??= fact
  }

  bad(where: string, value: string | number, expected: string): void {
    this.fail(makeFact('poly-bad-value', { where, value, expected }))
  }

  zero(value: number, where: string): void {
    if (value !== 0) this.bad(where, value, '0')
  }

  end(): void {
    const count = this.#bytes.length - this.#at
    if (count > 0) this.fail(makeFact('poly-trailing-bytes', { count }))
  }

  u16(where: string): number {
    const at = this.#take(2, where)
    return at === undefined ? 0 : this.#view.getUint16(at, true)
  }

  u32(where: string): number {
    const at = this.#take(4, where)
    return at === undefined ? 0 : this.#view.getUint32(at, true)
  }

  /** The length of a list, which the prototype would cut. */
  count(what: string): number {
    const count = this.u16(`the number of ${what}`)
    if (count <= POLY_ENTRIES) return count
    this.fail(makeFact('over-limit', { what, count, limit: POLY_ENTRIES }))
    return 0
  }

  /** A size or address in bytes, as granules. */
  granules(where: string): number {
    const at = this.#take(8, where)
    const bytes = at === undefined ? 0n : this.#view.getBigUint64(at, true)
    if (bytes % GRANULE !== 0n) this.bad(where, `0x${bytes.toString(16)}`, 'a multiple of 4096')
    return Number(bytes / GRANULE)
  }

  flag(where: string): boolean {
    const at = this.#take(1, where)
    const value = at === undefined ? 0 : this.#bytes[at]!
    if (value > 1) this.bad(where, value, '0 or 1')
    return value === 1
  }

  /** The word that stands at a number, counted from 1. */
  word<Word extends string>(where: string, words: readonly Word[]): Word {
    const number = this.u16(where)
    const word = words[number - 1]
    if (word === undefined) this.bad(where, number, words.map((name, i) => `${i + 1} (${name})`).join(' or '))
    return word ?? words[0]!
  }

  name(where: string): string {
    const at = this.#take(POLY_NAME_BYTES, `${where} name`)
    if (at === undefined) return ''
    const field = this.#bytes.subarray(at, at + POLY_NAME_BYTES)
    const length = field.indexOf(0) === -1 ? POLY_NAME_BYTES : field.indexOf(0)
    const name = decodeUtf8(field.subarray(0, length))
    if (name === undefined || name === '' || field.subarray(length).some((byte) => byte !== 0)) {
      this.bad(`the name of ${where}`, `0x${hex(field)}`, '1 to 4 bytes of UTF-8, padded with zeros')
    }
    return name ?? ''
  }

  #take(length: number, where: string): number | undefined {
    const at = this.#at
    if (this.fact !== undefined) return undefined
    if (at + length > this.#bytes.length) {
      this.fail(makeFact('poly-cut-short', { length: this.#bytes.length, where }))
      return undefined
    }
    this.#at += length
    return at
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
