import { hiddenSubtrees, leafHash } from '@mica/policy'
import { decodeToken } from '../cca-token/decode.ts'
import { openEnvelope } from '../cca-token/envelope.ts'
import { type Finding, shown } from '../findings.ts'
import { decodeTreeStatement, GROUP_SIZE_LIMIT } from '../group/evidence.ts'
import { type OpenedGroup, openGroup } from '../group/members.ts'
import { OPENING, openTree, type TreeOverGroup } from '../group/tree.ts'
import { disclosureEvidence } from './evidence.ts'

/** What to show of a member: it alone is named by the label that a verdict on the whole report gives it. */
export interface MemberChoice {
  readonly member: string
  /** The channels whose edges are shown, by name. Absent: all that it holds; empty: none, only how many there are. */
  readonly channels?: readonly string[] | undefined
}

/** Evidence for a third party, or one line of why there is none. */
export type Disclosing =
  | { readonly kind: 'disclosed'; readonly evidence: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string }

const refused = (reason: string): Disclosing => ({ kind: 'refused', reason })

/**
 * Makes, of a report in which a tree is signed, evidence that shows some members with their own edges, and of all others
 * nothing but hashes.
 *
 * No signature is checked: that is for whoever is shown it. Never throws.
 *
 * @returns Refused, in this order: what is no such report, a choice of nobody, a member or a channel that there is not.
 */
export function disclose(evidence: Uint8Array, choices: readonly MemberChoice[]): Disclosing {
  const report = openWhole(evidence)
  if ('code' in report) return refused(`${report.name}: ${report.detail}`)
  if (choices.length === 0) return refused('nobody is to be shown')
  const { envelope, opened, tree } = report
  const shownLeaves = new Set<number>()
  for (const choice of choices) {
    const leaves = leavesOf(choice, opened, tree)
    if (typeof leaves === 'string') return refused(leaves)
    for (const leaf of leaves) shownLeaves.add(leaf)
  }
  const indices = [...shownLeaves].sort((a, b) => a - b)
  const hashes = tree.leaves.map(({ salt, entry }) => leafHash(salt, entry))
  const disclosure = {
    leaves: indices.map((index) => ({ index, ...tree.leaves[index]! })),
    hidden: hiddenSubtrees(hashes, indices),
  }
  return { kind: 'disclosed', evidence: disclosureEvidence(envelope, disclosure) }
}

/** A report with the group beside its tree. @returns Its parts, or the first thing wrong with it. */
function openWhole(evidence: Uint8Array) {
  const envelope = openEnvelope(evidence, GROUP_SIZE_LIMIT)
  if ('code' in envelope) return envelope
  const decoded = decodeToken(evidence, GROUP_SIZE_LIMIT)
  if (!('platform' in decoded)) return firstOf(decoded)
  const statement = decodeTreeStatement(decoded.realm.claims)
  if (!('root' in statement)) return firstOf(statement)
  const read = openTree(statement, envelope.beside(OPENING))
  if ('code' in read) return read
  const opened = openGroup(read.group)
  return 'code' in opened ? opened : { envelope, opened, tree: read.tree }
}

// INVARIANT: whoever finds that something is wrong returns what.
const firstOf = (findings: readonly Finding[]): Finding => findings[0]!

/** The leaves of a member and of its edges; or what is wrong with the choice. */
function leavesOf(
  { member, channels: chosen }: MemberChoice,
  { members, channels }: OpenedGroup,
  tree: TreeOverGroup['tree'],
): readonly number[] | string {
  const index = members.findIndex(({ label }) => label === member)
  if (index < 0)
    return `there is no member \`${shown(member)}\`; the members are ${members.map(({ label }) => label).join(', ')}`
  const edges = channels.flatMap(({ name, holders }, channel) =>
    holders.flatMap((holder, end) => (holder.member === index ? [{ name, leaf: tree.edges[channel]![end]! }] : [])),
  )
  const unknown = chosen?.find((name) => !edges.some((edge) => edge.name === name))
  if (unknown !== undefined) return `\`${member}\` does not hold channel \`${shown(unknown)}\``
  const picked = edges.filter(({ name }) => chosen === undefined || chosen.includes(name))
  return [tree.members[index]!, ...picked.map(({ leaf }) => leaf)]
}
