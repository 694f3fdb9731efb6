import { decodeEntry, describeFact, type EdgeEntry, leafHash, type MemberEntry, rootOfShown } from '@mica/policy'
import { equalBytes } from '../bytes.ts'
import type { Finding } from '../findings.ts'
import type { GroupTreeStatement } from '../group/evidence.ts'
import type { MemberClaims } from '../group/members.ts'
import { treeFinding } from '../group/tree.ts'
import { decodeDisclosure } from './evidence.ts'

/** One end of a channel, as the member has it whose end it is. */
export interface DisclosedEdge extends Omit<EdgeEntry, 'kind'> {
  readonly leaf: number
}

/** A member that is shown: what the monitor says of it, and those of its edges that are shown too. */
export interface DisclosedMember
  extends Pick<MemberClaims, 'label' | 'rim' | 'rpv' | 'rems' | 'hashAlgorithm' | 'policyDigest' | 'chainHead'> {
  readonly leaf: number
  /** By leaf. */
  readonly edges: readonly DisclosedEdge[]
  /** How many more channels it holds. */
  readonly hiddenEdges: number
}

/** What is shown of a group, once it is believed. */
export interface DisclosureClaims {
  /** Leaves of the tree, and how many of them are shown: members and edges together. */
  readonly size: number
  readonly shown: number
  /** By leaf. */
  readonly members: readonly DisclosedMember[]
  /** Index in `members` of the Realm that asked for the report; absent if it is not shown. */
  readonly requester?: number | undefined
}

const RPV_LENGTH = 64

/**
 * Reads what is shown of a group, and follows it to the root that is signed.
 * @returns The claims, or one `group-tree` finding: for what is no disclosure, for leaves that lead to another root, that
 *   say nothing, or that are edges of no member that is shown.
 */
export function openDisclosure(
  statement: GroupTreeStatement,
  bytes: Uint8Array | undefined,
): DisclosureClaims | Finding {
  if (bytes === undefined) return treeFinding('no members are shown beside the root of the tree')
  const disclosure = decodeDisclosure(bytes)
  if (disclosure === undefined) return treeFinding('what is shown beside the root of the tree has no form')
  const { leaves, hidden } = disclosure
  const hashes = leaves.map(({ index, salt, entry }) => ({ index, hash: leafHash(salt, entry) }))
  const root = rootOfShown(statement.size, hashes, hidden)
  if (root === undefined || !equalBytes(root, statement.root)) {
    return treeFinding('what is shown does not lead to the root that is signed')
  }
  const members: (readonly [leaf: number, MemberEntry])[] = []
  const edges = new Map<number, EdgeEntry>()
  for (const { index, entry } of leaves) {
    const decoded = decodeEntry(entry)
    if (decoded.kind === 'refused') return treeFinding(`leaf ${index}: ${describeFact(decoded.fact)}`)
    if (decoded.kind === 'member') members.push([index, decoded])
    else edges.set(index, decoded)
  }
  const claims = members.map(([leaf, entry]) => memberClaims(leaf, entry, edges))
  const owned = new Set(claims.flatMap((member) => member.edges.map(({ leaf }) => leaf)))
  const stray = [...edges.keys()].find((leaf) => !owned.has(leaf))
  if (stray !== undefined) return treeFinding(`leaf ${stray} is an edge of no member that is shown`)
  const requester = claims.findIndex(({ leaf }) => leaf === statement.requester)
  const asked = requester < 0 ? {} : { requester }
  return { size: statement.size, shown: leaves.length, members: claims, ...asked }
}

function memberClaims(
  leaf: number,
  { rim, rpv, rems, hashAlgorithm, digest, chainHead, edges }: MemberEntry,
  shown: ReadonlyMap<number, EdgeEntry>,
): DisclosedMember {
  const own = edges.flatMap((edge) => {
    const entry = shown.get(edge)
    if (entry === undefined) return []
    const { kind: _, ...end } = entry
    return [{ leaf: edge, ...end }]
  })
  return {
    label: `#${leaf}`,
    leaf,
    rim,
    rpv: rpv ?? new Uint8Array(RPV_LENGTH),
    rems,
    hashAlgorithm,
    policyDigest: digest,
    chainHead,
    edges: own,
    hiddenEdges: edges.length - own.length,
  }
}
