import { equalBytes, toHex } from '../bytes.ts'
import { type Finding, finding, short, shown } from '../findings.ts'
import type { MemberClaims } from '../group/members.ts'
import type { GroupEvidenceClaims } from '../verdict.ts'
import type { LostMember, ReceiptStatement } from './evidence.ts'
import { initialHead } from './history.ts'

/** What a verifier expects of a receipt. Absent: not compared. */
export interface ReceiptExpectations {
  /** Name of the memory in the policy of its owner. */
  readonly memory?: string | undefined
  /** An accepted report of the group whose memory it was: with it, the receipt says who of that group lost its access. */
  readonly report?: GroupEvidenceClaims | undefined
}

/** What became of a member that held the memory when the report was made: it lost it now, or had given it up before. */
export interface EndedAccess {
  /** As the report calls it. */
  readonly member: string
  readonly by: 'revocation' | 'leaving'
}

/** A receipt in the light of a report. */
export interface ReceiptContext {
  /** Who revoked the memory, as the report calls it. */
  readonly owner: string
  /** Everyone who held it in the report. None of them has access, or gets it again. */
  readonly ended: readonly EndedAccess[]
  /** How many more lost it: Realms that joined after the report. */
  readonly newcomers: number
}

/** What a receipt says, once it is believed. */
export interface ReceiptClaims extends Pick<ReceiptStatement, 'memory' | 'granules' | 'lost' | 'owner'> {
  /** There if it was compared with a report that it belongs to. */
  readonly context?: ReceiptContext | undefined
}

/**
 * Compares a receipt with what is expected. A memory that is revoked takes nobody in again, so a report in which the owner
 * holds it is from before; and the key that signed both is one machine's, between two boots.
 *
 * @returns The claims, and findings in the order `another-memory`; `another-machine`, `not-of-the-report`; the notes
 *   `moved-since-report`, `no-report`.
 */
export function appraiseReceipt(
  statement: ReceiptStatement,
  { memory, report }: ReceiptExpectations,
): { readonly receipt: ReceiptClaims; readonly findings: readonly Finding[] } {
  const { granules, lost, owner } = statement
  const receipt = { memory: statement.memory, granules, lost, owner }
  const findings: Finding[] = []
  if (memory !== undefined && memory !== statement.memory) {
    const detail = `\`${shown(statement.memory)}\` was revoked, not \`${shown(memory)}\``
    findings.push(finding('another-memory', detail, { claim: 'realm -75012' }))
  }
  if (report === undefined) {
    const detail = 'without a report nothing says which group the memory belonged to'
    return { receipt, findings: [...findings, finding('no-report', detail, { claim: 'realm -75012' })] }
  }
  if (!equalBytes(report.attestationKey, statement.rakBytes)) {
    const detail = 'the report is signed with the key of another machine, or of another boot'
    return { receipt, findings: [...findings, finding('another-machine', detail, { claim: 'realm 44237' })] }
  }
  const found = contextOf(statement, report)
  if ('code' in found) return { receipt, findings: [...findings, found] }
  return { receipt: { ...receipt, context: found.context }, findings: [...findings, ...found.notes] }
}

function contextOf(
  statement: ReceiptStatement,
  { group }: GroupEvidenceClaims,
): { readonly context: ReceiptContext; readonly notes: readonly Finding[] } | Finding {
  const revoker = statement.lost[statement.owner]!
  const [held, ...others] = group.channels.filter(({ holders }) =>
    holders.some(({ member, memory }) => memory === revoker.memory && isSame(group.members[member]!, revoker)),
  )
  if (others.length > 0) {
    const detail = `${others.length + 1} members alike in all that is measured held such a memory each: whose it was is not known`
    return finding('not-of-the-report', detail, { claim: 'realm -75012' })
  }
  if (held === undefined) {
    const detail = `no member with initial measurement ${short(revoker.rim)} and policy ${short(revoker.policyDigest)} held it`
    return finding('not-of-the-report', detail, { claim: 'realm -75012' })
  }
  const left = [...statement.lost]
  const ended: EndedAccess[] = []
  const notes: Finding[] = []
  for (const holder of held.holders) {
    const member = group.members[holder.member]!
    const mine = left.filter((one) => one.memory === holder.memory && isSame(member, one))
    // Of replicas, that report and receipt do not tell apart, the one to which nothing has happened is meant.
    const head = headOf(member)
    const match = mine.find(({ headBefore }) => equalBytes(headBefore, head)) ?? mine[0]
    ended.push({ member: member.label, by: match === undefined ? 'leaving' : 'revocation' })
    if (match === undefined) continue
    left.splice(left.indexOf(match), 1)
    if (equalBytes(match.headBefore, head)) continue
    const detail = `\`${member.label}\` has left or joined something between the report and the revocation`
    notes.push(finding('moved-since-report', detail, { member: member.label, claim: 'realm -75012' }))
  }
  const owner = held.holders.find(({ member }) => isSame(group.members[member]!, revoker))!
  return { context: { owner: group.members[owner.member]!.label, ended, newcomers: left.length }, notes }
}

/** Whether a member of a report and one of a receipt have the same image, personalization and policy. */
const isSame = (member: MemberClaims, lost: LostMember): boolean =>
  equalBytes(member.rim, lost.rim) &&
  equalBytes(member.rpv, lost.rpv) &&
  equalBytes(member.policyDigest, lost.policyDigest)

/** What a member's chain has come to: a report leaves out what follows from the policy. */
const headOf = ({ chainHead, hashAlgorithm, policy }: MemberClaims): Uint8Array =>
  chainHead ?? initialHead(hashAlgorithm, policy)

/** The claims as JSON: bytes in hex. */
export function receiptJson({
  memory,
  granules,
  lost,
  owner,
  context,
}: ReceiptClaims): Readonly<Record<string, unknown>> {
  const members = lost.map((member) => ({
    rim: toHex(member.rim),
    rpv: toHex(member.rpv),
    policyDigest: toHex(member.policyDigest),
    headBefore: toHex(member.headBefore),
    headAfter: toHex(member.headAfter),
  }))
  return { memory, granules, owner, lost: members, ...(context === undefined ? {} : { context }) }
}
