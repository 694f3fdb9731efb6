import { decodeCbor } from '../cbor/decode.ts'
import { type Fact, makeFact } from '../facts.ts'
import { type MeasuredMember, readMeasuredMember } from '../group/read-member.ts'
import type { Rights } from '../model.ts'
import { ShapeReader } from '../shape.ts'
import { CHANNEL_LABEL_BYTES, LEAF_SORT } from './group-tree.ts'

/** What a leaf says of a member. */
export interface MemberEntry extends MeasuredMember {
  readonly kind: 'member'
  /** The leaves of its edges, each with one channel that it holds; ascending. */
  readonly edges: readonly number[]
}

/** What a leaf says of one end of a channel, as the member sees it that has it. */
export interface EdgeEntry {
  readonly kind: 'edge'
  /** The same for all who hold the channel, and for no other channel; it means nothing outside this tree. */
  readonly channel: Uint8Array
  /** Index of the memory in the member's policy. */
  readonly memory: number
  readonly rights: Rights
  /** How many others hold the channel. */
  readonly others: number
}

/** What a leaf says, or why it says nothing. */
export type EntryDecoding = MemberEntry | EdgeEntry | { readonly kind: 'refused'; readonly fact: Fact }

/**
 * Reads what a leaf says, strictly. Never throws.
 *
 * @returns The entry; or the fact `group-not-cbor` or `group-wrong-shape`.
 */
export function decodeEntry(bytes: Uint8Array): EntryDecoding {
  const decoded = decodeCbor(bytes, { deterministic: true })
  if (decoded.kind === 'malformed') {
    return { kind: 'refused', fact: makeFact('group-not-cbor', { reason: decoded.reason, offset: decoded.offset }) }
  }
  const reader = new ShapeReader()
  const fields = reader.array(decoded.value, 'a leaf', 5, 8)
  const entry = fields[0] === LEAF_SORT.member ? readMember(reader, fields) : readEdge(reader, fields)
  if (reader.misshape === undefined) return entry
  return { kind: 'refused', fact: makeFact('group-wrong-shape', { ...reader.misshape }) }
}

type Fields = ReturnType<ShapeReader['array']>

function readMember(reader: ShapeReader, fields: Fields): MemberEntry {
  const [, rim, rpv, rems, algorithm, digest, chainHead, edges] = reader.array(fields, 'a member', 8, 8)
  const places = reader
    .array(edges, 'the edges of a member', 0, Number.POSITIVE_INFINITY)
    .map((edge) => reader.uint(edge, 'an edge of a member'))
  if (places.some((place, index) => index > 0 && place <= places[index - 1]!)) {
    reader.fail('the edges of a member', 'a list that ascends')
  }
  return {
    kind: 'member',
    ...readMeasuredMember(reader, { rim, rpv, rems, algorithm, digest, chainHead }, 'a member'),
    edges: places,
  }
}

function readEdge(reader: ShapeReader, fields: Fields): EdgeEntry {
  const [sort, channel, memory, rights, others] = reader.array(fields, 'an edge', 5, 5)
  if (sort !== LEAF_SORT.edge) reader.fail('a leaf', 'a member or an edge')
  return {
    kind: 'edge',
    channel: reader.bytes(channel, 'the channel of an edge', [CHANNEL_LABEL_BYTES]),
    memory: reader.uint(memory, 'the memory of an edge'),
    rights: reader.uint(rights, 'the rights of an edge'),
    others: reader.uint(others, 'the others at an edge'),
  }
}
