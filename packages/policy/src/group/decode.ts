import { decodeBlob, firstDifference } from '../blob/decode.ts'
import { KEY } from '../blob/layout.ts'
import { decodeCbor } from '../cbor/decode.ts'
import { encodeCbor } from '../cbor/encode.ts'
import { type CborKey, type CborValue, compareBytes, equalBytes } from '../cbor/value.ts'
import type { Channel } from '../compatible/set.ts'
import { describeFact, type Fact, makeFact } from '../facts.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { Policy } from '../model.ts'
import { isArray, ShapeReader } from '../shape.ts'
import { PolicyDigests } from './digests.ts'
import { encodeGroup } from './encode.ts'
import {
  GROUP_BYTES,
  GROUP_EXPANDED_BYTES,
  GROUP_FORMAT,
  GROUP_KEY,
  GROUP_MEMBERS,
  type Group,
  type GroupMember,
} from './group.ts'
import { type MeasuredMember, readMeasuredMember } from './read-member.ts'

/** A member of a group that was decoded: its blob, what it says, and its digest, which is the member's. */
export interface DecodedMember extends GroupMember {
  readonly policy: Policy
  readonly policyDigest: Uint8Array
}

/** A group whose every blob has been decoded. */
export interface DecodedGroup extends Group {
  readonly members: readonly DecodedMember[]
}

/** A decoded group, or the first reason why bytes are not the canonical form of one. */
export type GroupDecoding =
  | { readonly kind: 'group'; readonly group: DecodedGroup }
  | { readonly kind: 'refused'; readonly fact: Fact }

const MANY = Number.POSITIVE_INFINITY

/**
 * Decodes a group strictly, and expands the policy of each member to the exact blob. Never throws.
 *
 * Refused, in this order: bytes over 1 MiB, no deterministic CBOR, another shape, a policy that does not expand to an
 * acceptable blob, blobs that are too large together, a blob that is not the one of its member's digest, and bytes that
 * differ from the group encoded again (unsorted members or channels, a policy twice, measurements not replaced).
 */
export function decodeGroup(bytes: Uint8Array): GroupDecoding {
  if (bytes.length > GROUP_BYTES) {
    return refused(makeFact('group-too-long', { length: bytes.length, limit: GROUP_BYTES }))
  }
  const decoded = decodeCbor(bytes, { deterministic: true })
  if (decoded.kind === 'malformed') {
    return refused(makeFact('group-not-cbor', { reason: decoded.reason, offset: decoded.offset }))
  }
  const reader = new ShapeReader()
  const folded = readGroup(reader, decoded.value)
  if (reader.misshape !== undefined) return refused(makeFact('group-wrong-shape', { ...reader.misshape }))
  const group = expand(folded)
  if ('rule' in group) return refused(group)
  const again = encodeGroup(group, new Map(group.members.map(({ blob, policy }) => [blob, policy])))
  if (compareBytes(again, bytes) !== 0) {
    return refused(makeFact('group-not-canonical', { offset: firstDifference(again, bytes) }))
  }
  return { kind: 'group', group }
}

function refused(fact: Fact): GroupDecoding {
  return { kind: 'refused', fact }
}

/** A member as it is written: its policy is a body and an index of Self. */
interface FoldedMember extends MeasuredMember {
  readonly body: number
  readonly self: number
}

interface FoldedGroup {
  readonly bodies: readonly Uint8Array[]
  readonly members: readonly FoldedMember[]
  readonly channels: readonly Channel[]
}

function readGroup(reader: ShapeReader, value: CborValue): FoldedGroup {
  const map = reader.map(value, 'the group', Object.values(GROUP_KEY))
  if (map.get(GROUP_KEY.format) !== GROUP_FORMAT) reader.fail('the format of the group', `${GROUP_FORMAT}`)
  const bodies = reader.array(map.get(GROUP_KEY.bodies), 'the policies', 1, MANY)
  const members = reader.array(map.get(GROUP_KEY.members), 'the members', 1, MANY)
  const channels = reader.array(map.get(GROUP_KEY.channels), 'the channels', 0, MANY)
  return {
    bodies: bodies.map((body, i) => reader.bytes(body, `policy ${i}`)),
    members: members.map((member, i) => readMember(reader, member, `member ${i}`, bodies.length)),
    channels: channels.map((channel, i) => ({ holders: readHolders(reader, channel, `channel ${i}`, members.length) })),
  }
}

function readMember(reader: ShapeReader, value: CborValue, where: string, bodies: number): FoldedMember {
  const [rim, rpv, rems, algorithm, body, self, digest, chainHead] = reader.array(value, where, 8, 8)
  return {
    ...readMeasuredMember(reader, { rim, rpv, rems, algorithm, digest, chainHead }, where),
    body: readIndex(reader, body, `${where} policy`, bodies),
    self: reader.uint(self, `${where} self`),
  }
}

function readHolders(reader: ShapeReader, value: CborValue, where: string, members: number): Channel['holders'] {
  return reader.array(value, where, 1, MANY).map((holder) => {
    const [member, memory] = reader.array(holder, `${where} holder`, 2, 2)
    return {
      member: readIndex(reader, member, `${where} member`, members),
      memory: reader.uint(memory, `${where} memory`),
    }
  })
}

function readIndex(reader: ShapeReader, value: CborValue | undefined, where: string, count: number): number {
  const index = reader.uint(value, where)
  if (index >= count) reader.fail(where, `an index below ${count}`)
  return index
}

function expand({ bodies, members, channels }: FoldedGroup): DecodedGroup | Fact {
  const rims = members.map(({ rim }) => rim)
  if (members.length > GROUP_MEMBERS) {
    return makeFact('over-limit', { what: 'members', count: members.length, limit: GROUP_MEMBERS })
  }
  const digests = new PolicyDigests()
  const read = bodies.map(readBody)
  const expanded = new Map<string, Pick<DecodedMember, 'blob' | 'policy'>>()
  let total = 0
  const whole: DecodedMember[] = []
  for (const [index, { body, self, digest, ...member }] of members.entries()) {
    const key = `${body} ${self}`
    let own = expanded.get(key)
    if (own === undefined) {
      const parts = read[body]!
      if ('why' in parts) return makeFact('group-body-refused', { body, why: parts.why })
      const blob = expandBody(parts, self, rims)
      total += blob.length
      // Many small members over one large policy are refused early.
      if (total > GROUP_EXPANDED_BYTES) return makeFact('group-expands-too-far', { limit: GROUP_EXPANDED_BYTES })
      const decoded = decodeBlob(blob)
      if (decoded.kind === 'refused') return makeFact('group-body-refused', { body, why: describeFact(decoded.fact) })
      own = { blob, policy: decoded.policy }
      expanded.set(key, own)
    }
    if (!equalBytes(digests.of({ ...member, blob: own.blob }), digest)) {
      return makeFact('group-digest-differs', { member: index })
    }
    whole.push({ ...member, ...own, policyDigest: digest })
  }
  return { members: whole, channels }
}

/** A body taken apart as far as it takes to make blobs of it. */
interface BodyParts {
  readonly map: ReadonlyMap<CborKey, CborValue>
  readonly peers: readonly CborValue[]
}

function readBody(body: Uint8Array): BodyParts | { readonly why: string } {
  if (body.length > DEFAULT_LIMITS.blobBytes) return { why: 'it is too long' }
  const decoded = decodeCbor(body, { deterministic: true })
  if (decoded.kind === 'malformed') return { why: `${decoded.reason} at byte ${decoded.offset}` }
  const peers = decoded.value instanceof Map ? decoded.value.get(KEY.peers) : undefined
  if (!(decoded.value instanceof Map) || !isArray(peers) || decoded.value.has(KEY.self))
    return { why: 'it is no policy' }
  return { map: decoded.value, peers }
}

/** The blob of a body with Self put in and member indices replaced by measurements. */
function expandBody({ map: parts, peers }: BodyParts, self: number, rims: readonly Uint8Array[]): Uint8Array {
  const map = new Map<CborKey, CborValue>(parts)
  map.set(KEY.self, self)
  const whole = peers.map((peer) => (isArray(peer) ? expandPeer(peer, rims) : peer))
  map.set(KEY.peers, whole)
  return encodeCbor(map)
}

/** A peer whose measurements are bytes again. An index that leads nowhere stays, and the blob decoder refuses it. */
function expandPeer(peer: readonly CborValue[], rims: readonly Uint8Array[]): CborValue {
  const resolve = (rim: CborValue): CborValue => (typeof rim === 'number' ? (rims[rim] ?? rim) : rim)
  return peer.map((field, position) => {
    if (position !== 2) return field
    return isArray(field) ? field.map(resolve) : resolve(field)
  })
}
