import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeCbor } from '../cbor/encode.ts'
import { type CborValue, compareBytes } from '../cbor/value.ts'
import { writtenRems, writtenRpv } from '../group/abbreviated.ts'
import { PolicyDigests } from '../group/digests.ts'
import { type Group, type GroupMember, HASH_CODE } from '../group/group.ts'
import { ownPolicy } from '../group/own-policy.ts'
import type { Policy, Rights } from '../model.ts'
import { leafHash, treeRoot } from './merkle.ts'

/** Bytes of the seed from which all salts of a tree are derived, of a salt, and of the label of a channel. */
export const TREE_SEED_BYTES = 32
export const SALT_BYTES = 32
export const CHANNEL_LABEL_BYTES = 16

/** Leaves of a tree, at most: for each member one, and for each of its edges one. */
export const TREE_LEAVES = 65_536

/** What a leaf begins with: the two sorts that there are. */
export const LEAF_SORT = { member: 1, edge: 2 } as const

/** One leaf: 32 bytes that nobody guesses, and what it says. */
export interface TreeLeaf {
  readonly salt: Uint8Array
  readonly entry: Uint8Array
}

/** The salted hash tree over a group, and where in it each part of the group stands. */
export interface GroupTree {
  readonly leaves: readonly TreeLeaf[]
  readonly root: Uint8Array
  /** The leaf of each member. */
  readonly members: readonly number[]
  /** For each channel, the leaf of each of its holders: that holder's edge. */
  readonly edges: readonly (readonly number[])[]
}

/** Leaves of the tree over a group. */
export function countLeaves({ members, channels }: Group): number {
  return channels.reduce((count, { holders }) => count + holders.length, members.length)
}

/**
 * The tree over a group in canonical order: a leaf for each member, and one for each end that a member has of a channel.
 *
 * ```cddl
 * member-entry = [ 1, rim, rpv / null, rems / null, hash-alg, policy-digest, chain-head / null, [* edge-leaf: uint] ]
 * edge-entry   = [ 2, channel: bstr .size 16, memory-index, rights, others: uint ]
 * leaf         = SHA-256(0x00 || salt || entry)         node = SHA-256(0x01 || left || right)
 * salt n       = HMAC-SHA-256(seed, << ["salt", n] >>)  ; members first, then the holders of each channel
 * channel n    = HMAC-SHA-256(seed, << ["channel", n] >>)[0..16]
 * ```
 *
 * Leaves stand in the order of their salts, so neither the place of one nor the length of its proof says anything about
 * the group; an edge says nothing about the others that hold the channel but how many they are.
 *
 * @param policies What blobs of the group say, where that is known: the others are decoded.
 * @throws TypeError if a blob is not one that `decodeBlob` takes.
 */
export function groupTree(
  group: Group,
  seed: Uint8Array,
  policies: ReadonlyMap<Uint8Array, Policy> = new Map(),
): GroupTree {
  const salts = Array.from({ length: countLeaves(group) }, (_, n) => derive(seed, 'salt', n))
  const order = [...salts.keys()].sort((a, b) => compareBytes(salts[a]!, salts[b]!))
  const place = new Map(order.map((number, index) => [number, index]))
  let next = group.members.length
  const edges = group.channels.map(({ holders }) => holders.map(() => place.get(next++)!))
  const known = new Map(policies)
  for (const { blob } of group.members) if (!known.has(blob)) known.set(blob, ownPolicy(blob))
  const entries = entriesOf(group, edges, seed, known)
  const leaves = order.map((number) => ({ salt: salts[number]!, entry: entries[number]! }))
  return {
    leaves,
    root: treeRoot(leaves.map(({ salt, entry }) => leafHash(salt, entry))),
    members: group.members.map((_, number) => place.get(number)!),
    edges,
  }
}

function derive(seed: Uint8Array, purpose: 'salt' | 'channel', number: number): Uint8Array {
  return hmac(sha256, seed, encodeCbor([purpose, number]))
}

/** What the leaves say: members first, then the holders of each channel. */
function entriesOf(
  { members, channels }: Group,
  edges: GroupTree['edges'],
  seed: Uint8Array,
  policies: ReadonlyMap<Uint8Array, Policy>,
): readonly Uint8Array[] {
  const digests = new PolicyDigests()
  const edgesOf: number[][] = members.map(() => [])
  const ends = channels.flatMap(({ holders }, channel) => {
    const label = derive(seed, 'channel', channel).subarray(0, CHANNEL_LABEL_BYTES)
    return holders.map(({ member, memory }, holder) => {
      edgesOf[member]!.push(edges[channel]![holder]!)
      const rights = ownRights(policies.get(members[member]!.blob)!, memory)
      return [LEAF_SORT.edge, label, memory, rights, holders.length - 1]
    })
  })
  const described = members.map((member, index) => memberEntry(member, edgesOf[index]!, digests))
  return [...described, ...ends].map(encodeCbor)
}

function memberEntry(member: GroupMember, edges: readonly number[], digests: PolicyDigests): CborValue {
  return [
    LEAF_SORT.member,
    member.rim,
    writtenRpv(member),
    writtenRems(member, digests),
    HASH_CODE[member.hashAlgorithm],
    digests.of(member),
    member.chainHead ?? null,
    edges.toSorted((a, b) => a - b),
  ]
}

/** The rights that a member has of its own in a memory of its policy: those that the monitor gave it. */
function ownRights({ memories, self }: Policy, memory: number): Rights {
  return memories[memory]?.mappings.find(({ peer }) => peer === self)?.rights ?? 0
}
