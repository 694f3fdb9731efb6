import { countLeaves, type DecodedGroup, type GroupTree, groupTree, TREE_SEED_BYTES } from '@mica/policy'
import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { equalBytes } from '../bytes.ts'
import { type Finding, finding } from '../findings.ts'
import type { GroupTreeStatement } from './evidence.ts'
import { readGroup } from './members.ts'

/** Where the group travels beside the root of its tree: [seed, group]. */
export const OPENING = -75014

/** The group that a signed tree is over, and the tree. */
export interface TreeOverGroup {
  readonly group: DecodedGroup
  readonly tree: GroupTree
}

/** What is wrong with that which travels beside a signed tree. */
export const treeFinding = (detail: string): Finding => finding('group-tree', detail, { claim: 'realm -75013' })

/**
 * Makes the tree again of what travels beside its root, which says whether that is what was signed.
 * @returns The group with its tree; or one finding, `group-tree` or `group`.
 */
export function openTree(statement: GroupTreeStatement, opening: Uint8Array | undefined): TreeOverGroup | Finding {
  if (opening === undefined) return treeFinding('the group does not travel beside the root of its tree')
  const decoded = decodeCbor(opening, { deterministic: true, maxDepth: 2 })
  const value = decoded.kind === 'value' ? decoded.value : undefined
  const [seed, bytes]: readonly CborValue[] = Array.isArray(value) && value.length === 2 ? value : []
  if (!(seed instanceof Uint8Array && seed.length === TREE_SEED_BYTES && bytes instanceof Uint8Array)) {
    return treeFinding('what travels beside the root of the tree is not a seed and a group')
  }
  const group = readGroup(bytes)
  if ('code' in group) return group
  const leaves = countLeaves(group)
  if (leaves !== statement.size) {
    return treeFinding(`the group has ${leaves} members and edges, the tree that is signed ${statement.size} leaves`)
  }
  const tree = groupTree(group, seed, new Map(group.members.map(({ blob, policy }) => [blob, policy])))
  if (!equalBytes(tree.root, statement.root))
    return treeFinding('the group has another tree than the one that is signed')
  return { group, tree }
}
