import { SALT_BYTES, TREE_HASH_BYTES, type TreeLeaf } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { type Envelope, openEnvelope } from '../cca-token/envelope.ts'
import { GROUP_SIZE_LIMIT } from '../group/evidence.ts'

/** Where what is shown of a group travels beside the root of its tree. */
export const DISCLOSURE = -75015

/** Four items for each leaf that fits, and one for each hash. */
const MAX_ITEMS = 131_072

/** A leaf of a tree that is shown, and where in the tree it is. */
export interface DisclosedLeaf extends TreeLeaf {
  readonly index: number
}

/** Some leaves of a tree, and what leads from them to its root. */
export interface Disclosure {
  /** By index, ascending; at least one. */
  readonly leaves: readonly DisclosedLeaf[]
  /** Roots of the largest subtrees that hold none of them, from left to right. */
  readonly hidden: readonly Uint8Array[]
}

/** `[ [1* [index, salt, entry]], [* hash] ]` */
export function encodeDisclosure({ leaves, hidden }: Disclosure): Uint8Array {
  return encodeCbor([leaves.map(({ index, salt, entry }) => [index, salt, entry]), hidden])
}

/** Decodes what {@link encodeDisclosure} writes, strictly. Never throws; `undefined` for anything else. */
export function decodeDisclosure(bytes: Uint8Array): Disclosure | undefined {
  const decoded = decodeCbor(bytes, { deterministic: true, maxDepth: 4, maxItems: MAX_ITEMS })
  const value = decoded.kind === 'value' ? decoded.value : undefined
  const [shown, hidden] = listOf(value, 2)
  const leaves = listOf(shown).map(leafOf)
  const hashes = listOf(hidden)
  if (leaves.length === 0 || !leaves.every((leaf) => leaf !== undefined)) return undefined
  if (!Array.isArray(hidden) || !hashes.every(isHash)) return undefined
  if (leaves.some(({ index }, at) => at > 0 && index <= leaves[at - 1]!.index)) return undefined
  return { leaves, hidden: hashes }
}

// Whether a place is in the tree is for the way to the root to say.
function leafOf(value: CborValue): DisclosedLeaf | undefined {
  const [index, salt, entry] = listOf(value, 3)
  if (typeof index !== 'number' || !(salt instanceof Uint8Array) || !(entry instanceof Uint8Array)) return undefined
  return salt.length === SALT_BYTES ? { index, salt, entry } : undefined
}

const isHash = (value: CborValue): value is Uint8Array =>
  value instanceof Uint8Array && value.length === TREE_HASH_BYTES

/** The items of a list, of that length if one is given; none of anything else. */
function listOf(value: CborValue | undefined, length?: number): readonly CborValue[] {
  const items: readonly CborValue[] = Array.isArray(value) ? value : []
  return length === undefined || items.length === length ? items : []
}

/** Whether evidence holds what shows some members of a group, before anything is verified. */
export function isDisclosure(evidence: Uint8Array): boolean {
  const envelope = openEnvelope(evidence, GROUP_SIZE_LIMIT)
  return 'beside' in envelope && envelope.beside(DISCLOSURE) !== undefined
}

/** The two tokens of a report as they are, with what is shown of the group beside them. */
export function disclosureEvidence({ platform, realm }: Envelope, disclosure: Disclosure): Uint8Array {
  const members: [number, CborValue][] = [
    [44234, [263, platform]],
    [44241, [263, realm]],
    [DISCLOSURE, [60, encodeDisclosure(disclosure)]],
  ]
  return encodeCbor({ tag: 907, value: new Map(members) })
}
