import type { DecodedGroup } from '@mica/policy'
import { appraiseFirmware } from './appraisal/firmware.ts'
import { groupSubmodules } from './appraisal/group.ts'
import type { Submodule } from './appraisal/submodule.ts'
import type { ChainResult } from './cca-token/chain.ts'
import { openEvidence } from './cca-token/open.ts'
import type { PlatformClaims } from './cca-token/platform.ts'
import { GROUP_PROFILE } from './cca-token/profile.ts'
import type { Finding } from './findings.ts'
import { appraiseGroup } from './group/appraise.ts'
import {
  DOUBTFUL_GROUP_LIMIT,
  decodeGroupStatement,
  GROUP_SIZE_LIMIT,
  type GroupListStatement,
  type GroupStatement,
  type GroupTreeStatement,
} from './group/evidence.ts'
import type { GroupExpectations } from './group/expectations.ts'
import { type OpenedGroup, openGroup, readGroup } from './group/members.ts'
import { OPENING, openTree } from './group/tree.ts'
import type { VerificationOptions } from './options.ts'
import { conclude, type GroupEvidenceClaims, type Verdict } from './verdict.ts'

/**
 * Verifies the report of a group of Realms, and appraises what the group may do. Of a report in which a tree is signed
 * the group has to travel beside it; then it says as much as one in which the group is.
 *
 * Every input yields a verdict; nothing in `evidence` makes this throw. Tokens of single Realms are refused
 * (`profile`): they say nothing about a group.
 *
 * @returns The verdict. Failures in the order of the stages: envelope and syntax (`malformed` … `claims`, `profile`),
 *   trust and signatures (`no-trust-anchor` … `freshness`), the platform (`lifecycle` … `rmm-not-known-to-enforce`),
 *   then the group (`group-tree`, `group`, and those of {@link appraiseGroup}).
 */
export function verify(
  evidence: Uint8Array,
  options: VerificationOptions<GroupExpectations>,
): Verdict<GroupEvidenceClaims> {
  const { diagnostics } = options
  const read = openEvidence(evidence, GROUP_SIZE_LIMIT, decodeGroupStatement, options)
  if (!('chain' in read)) return conclude(read, diagnostics)
  const { platform, statement, chain, beside } = read
  const firmware = appraiseFirmware(platform, options, statement.profile)
  const findings = [...chain.findings, ...firmware.findings]
  const failed = findings.some((one) => one.severity === 'failure')
  const content = statement.profile === GROUP_PROFILE ? statement.groupBytes : beside(OPENING)
  if (failed && (diagnostics !== 'all' || (content?.length ?? 0) > DOUBTFUL_GROUP_LIMIT)) {
    return conclude<GroupEvidenceClaims>(findings, diagnostics, undefined, [
      firmware.part,
      ...groupSubmodules(undefined, findings),
    ])
  }
  const report = openReport(statement, content)
  return judge(platform, statement, report, { chain, part: firmware.part, findings }, options)
}

/** A report that can be read: the group, and the index of the member that asked; of no member, if none did. */
interface OpenedReport {
  readonly opened: OpenedGroup
  readonly requester: number
}

/** Opens a report in either form. @param content What the group is read from: the claim, or what is beside the tree. */
function openReport(statement: GroupStatement, content: Uint8Array | undefined): OpenedReport | Finding {
  const read = statement.profile === GROUP_PROFILE ? readList(statement) : readTree(statement, content)
  if ('code' in read) return read
  const opened = openGroup(read.group)
  if ('code' in opened) return opened
  return { opened, requester: read.requester ?? opened.members.length }
}

/** The group of a report, and the index of the member that asked, if it is one. */
type ReportReading = { readonly group: DecodedGroup; readonly requester: number | undefined } | Finding

function readList({ groupBytes, requester }: GroupListStatement): ReportReading {
  const group = readGroup(groupBytes)
  return 'code' in group ? group : { group, requester }
}

function readTree(statement: GroupTreeStatement, opening: Uint8Array | undefined): ReportReading {
  const read = openTree(statement, opening)
  if ('code' in read) return read
  const requester = read.tree.members.indexOf(statement.requester)
  return { group: read.group, requester: requester < 0 ? undefined : requester }
}

function judge(
  platform: PlatformClaims,
  statement: GroupStatement,
  report: OpenedReport | Finding,
  earlier: { readonly chain: ChainResult; readonly part: Submodule; readonly findings: readonly Finding[] },
  options: VerificationOptions<GroupExpectations>,
): Verdict<GroupEvidenceClaims> {
  if ('code' in report) {
    const found = [...earlier.findings, report]
    const parts = [earlier.part, ...groupSubmodules(undefined, found)]
    return conclude<GroupEvidenceClaims>(found, options.diagnostics, undefined, parts)
  }
  const { group, findings: appraised } = appraiseGroup(report.opened, report.requester, options.expectations)
  const findings = [...earlier.findings, ...appraised]
  const trustAnchor = earlier.chain.trustAnchor?.name ?? ''
  const claims = { kind: 'group', trustAnchor, platform, attestationKey: statement.rakBytes, group } as const
  return conclude(findings, options.diagnostics, claims, [earlier.part, ...groupSubmodules(group, findings)])
}
