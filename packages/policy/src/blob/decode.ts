import { decodeCbor } from '../cbor/decode.ts'
import { type CborValue, compareBytes } from '../cbor/value.ts'
import { type Fact, makeFact } from '../facts.ts'
import { DEFAULT_LIMITS, PEER_RIMS, type PolicyLimits, RPV_BYTES } from '../limits.ts'
import type { IdRange, Mapping, Memory, Peer, Policy, Transition } from '../model.ts'
import { isArray, ShapeReader } from '../shape.ts'
import { checkWellFormed } from '../well-formed.ts'
import { encodeBlob } from './encode.ts'
import { ACTION_OF, BLOB_FORMAT, CLASS_OF, FLAG, KEY, KIND_OF, OPTION_PACED, RIM_BYTES } from './layout.ts'

/** A decoded policy, or the first reason why bytes are not the canonical blob of a well-formed one. */
export type BlobDecoding =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | { readonly kind: 'refused'; readonly fact: Fact }

const MANY = Number.POSITIVE_INFINITY

/**
 * Decodes a policy blob strictly. Never throws.
 *
 * Refused, in this order: bytes over the limit, no deterministic CBOR, another shape than the grammar's, another
 * format, a policy that is not well-formed, bytes that differ from the policy encoded again.
 * @param bytes A private copy: not memory that somebody else may write meanwhile.
 */
export function decodeBlob(bytes: Uint8Array, limits: PolicyLimits = DEFAULT_LIMITS): BlobDecoding {
  if (bytes.length > limits.blobBytes) {
    return refused(makeFact('blob-too-long', { length: bytes.length, limit: limits.blobBytes }))
  }
  const decoded = decodeCbor(bytes, { deterministic: true })
  if (decoded.kind === 'malformed') {
    return refused(makeFact('blob-not-cbor', { reason: decoded.reason, offset: decoded.offset }))
  }
  return decodePolicyValue(decoded.value, bytes, limits)
}

function decodePolicyValue(value: CborValue, bytes: Uint8Array, limits: PolicyLimits): BlobDecoding {
  const format = value instanceof Map ? value.get(KEY.format) : undefined
  if (typeof format === 'number' && format !== BLOB_FORMAT) {
    return refused(makeFact('unknown-format', { format, known: BLOB_FORMAT }))
  }
  const reader = new ShapeReader()
  const policy = readPolicy(reader, value)
  if (reader.misshape !== undefined) return refused(makeFact('blob-wrong-shape', { ...reader.misshape }))
  const fact = checkWellFormed(policy, limits)
  if (fact !== undefined) return refused(fact)
  const again = encodeBlob(policy)
  if (compareBytes(again, bytes) !== 0) {
    return refused(makeFact('blob-not-canonical', { offset: firstDifference(again, bytes) }))
  }
  return { kind: 'policy', policy }
}

function refused(fact: Fact): BlobDecoding {
  return { kind: 'refused', fact }
}

/** The first offset at which two byte strings differ; their common length if one begins the other. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i
  return length
}

function readPolicy(reader: ShapeReader, value: CborValue): Policy {
  const required = [KEY.format, KEY.self, KEY.peers, KEY.memories, KEY.transitions]
  const map = reader.map(value, 'the policy', required, [KEY.version, KEY.assertions])
  const version = map.get(KEY.version)
  const assertions = map.get(KEY.assertions)
  return {
    self: reader.uint(map.get(KEY.self), 'self'),
    peers: reader.array(map.get(KEY.peers), 'peers', 1, MANY).map((peer, i) => readPeer(reader, peer, `peer ${i}`)),
    memories: reader
      .array(map.get(KEY.memories), 'memories', 0, MANY)
      .map((memory, i) => readMemory(reader, memory, `memory ${i}`)),
    transitions: reader
      .array(map.get(KEY.transitions), 'transitions', 0, MANY)
      .map((transition, i) => readTransition(reader, transition, `transition ${i}`)),
    ...(version === undefined ? {} : { version: reader.uint(version, 'the version') }),
    ...(assertions === undefined ? {} : { assertionDigest: reader.bytes(assertions, 'the assertion digest', [32]) }),
  }
}

function readPeer(reader: ShapeReader, value: CborValue, where: string): Peer {
  const [name, flags, rim, rpv] = reader.array(value, where, 3, 4)
  const bits = reader.uint(flags, `${where} flags`)
  if (bits > (FLAG.gateway | FLAG.strict)) reader.fail(`${where} flags`, 'bits 1 and 2')
  return {
    name: reader.text(name, `${where} name`),
    gateway: (bits & FLAG.gateway) !== 0,
    strict: (bits & FLAG.strict) !== 0,
    rims: readRims(reader, rim, `${where} measurement`),
    ...(rpv === undefined ? {} : { rpv: reader.bytes(rpv, `${where} personalization value`, [RPV_BYTES]) }),
  }
}

function readRims(reader: ShapeReader, value: CborValue | undefined, where: string): readonly Uint8Array[] {
  const lengths = [RIM_BYTES['sha-256'], RIM_BYTES['sha-512']]
  if (value === null) return []
  if (!isArray(value)) return [reader.bytes(value, where, lengths)]
  return reader.array(value, where, 2, PEER_RIMS).map((rim) => reader.bytes(rim, where, lengths))
}

function readMemory(reader: ShapeReader, value: CborValue, where: string): Memory {
  const [name, kind, granules, mappings, options] = reader.array(value, where, 4, 5)
  if (options !== undefined && options !== OPTION_PACED) reader.fail(`${where} options`, `${OPTION_PACED}`)
  return {
    name: reader.text(name, `${where} name`),
    kind: reader.word(kind, `${where} kind`, KIND_OF),
    granules: reader.uint(granules, `${where} size`),
    mappings: reader
      .array(mappings, `${where} mappings`, 1, MANY)
      .map((mapping, i) => readMapping(reader, mapping, `${where} mapping ${i}`)),
    paced: options === OPTION_PACED,
  }
}

function readMapping(reader: ShapeReader, value: CborValue, where: string): Mapping {
  const [peer, rights, ipaGranule, anyCount] = reader.array(value, where, 3, 4)
  return {
    peer: peer === null ? null : reader.uint(peer, `${where} peer`),
    rights: reader.uint(rights, `${where} rights`),
    ipaGranule: ipaGranule === null ? null : reader.uint(ipaGranule, `${where} address`),
    ...(anyCount === undefined ? {} : { anyCount: reader.uint(anyCount, `${where} count`) }),
  }
}

function readTransition(reader: ShapeReader, value: CborValue, where: string): Transition {
  const [peer, transitionClass, action, ranges] = reader.array(value, where, 4, 4)
  return {
    peer: reader.uint(peer, `${where} peer`),
    class: reader.word(transitionClass, `${where} class`, CLASS_OF),
    action: reader.word(action, `${where} action`, ACTION_OF),
    ranges: reader.array(ranges, `${where} ranges`, 1, MANY).map((range) => readRange(reader, range, `${where} range`)),
  }
}

function readRange(reader: ShapeReader, value: CborValue, where: string): IdRange {
  if (!isArray(value)) {
    const id = reader.uint(value, where)
    return [id, id]
  }
  const [first, last] = reader.array(value, where, 2, 2)
  return [reader.uint(first, where), reader.uint(last, where)]
}
