import { appraiseFirmware } from '../appraisal/firmware.ts'
import { openEvidence } from '../cca-token/open.ts'
import { DOUBTFUL_GROUP_LIMIT, decodeTreeStatement, GROUP_SIZE_LIMIT } from '../group/evidence.ts'
import type { VerificationOptions } from '../options.ts'
import { conclude, type DisclosureEvidenceClaims, type Verdict } from '../verdict.ts'
import { appraiseDisclosure, type DisclosureExpectations, unreadableMembers } from './appraise.ts'
import { openDisclosure } from './claims.ts'
import { DISCLOSURE } from './evidence.ts'

/**
 * Verifies evidence that shows some members of a group, as {@link disclose} makes it: that a monitor which enforces
 * policies had these Realms in one group when it answered the challenge, each under the policy whose digest is shown and
 * with the channels that are shown.
 *
 * It is no verdict on a group. Who else is in it, what the policies say, whether they agree as a set and what they let
 * flow where is not shown; a channel leads to nobody unless another member is shown that holds it too.
 *
 * Every input yields a verdict; nothing in `evidence` makes this throw. Tokens of Realms and reports in which a group is
 * signed are refused (`profile`), a report that has the whole group beside its tree too (`group-tree`).
 *
 * @returns The verdict. Failures in the order of the stages: envelope and syntax (`malformed` … `claims`, `profile`),
 *   trust and signatures (`no-trust-anchor` … `freshness`), the platform (`lifecycle` … `rmm-not-known-to-enforce`),
 *   `group-tree`, and those of {@link appraiseDisclosure}.
 */
export function verifyDisclosure(
  evidence: Uint8Array,
  options: VerificationOptions<DisclosureExpectations>,
): Verdict<DisclosureEvidenceClaims> {
  const { diagnostics } = options
  const read = openEvidence(evidence, GROUP_SIZE_LIMIT, decodeTreeStatement, options)
  if (!('chain' in read)) return conclude(read, diagnostics)
  const { platform, statement, chain, beside } = read
  const firmware = appraiseFirmware(platform, options, statement.profile)
  const found = [...chain.findings, ...firmware.findings]
  const content = beside(DISCLOSURE)
  if (chain.findings.length > 0 && (diagnostics !== 'all' || (content?.length ?? 0) > DOUBTFUL_GROUP_LIMIT)) {
    return conclude<DisclosureEvidenceClaims>(found, diagnostics, undefined, [firmware.part])
  }
  const disclosure = openDisclosure(statement, content)
  if ('code' in disclosure) {
    const parts = [firmware.part, unreadableMembers(disclosure)]
    return conclude<DisclosureEvidenceClaims>([...found, disclosure], diagnostics, undefined, parts)
  }
  const { findings, parts } = appraiseDisclosure(disclosure, options.expectations, firmware.enforces)
  const trustAnchor = chain.trustAnchor?.name ?? ''
  const claims = { kind: 'disclosure', trustAnchor, platform, disclosure } as const
  return conclude([...found, ...findings], diagnostics, claims, [firmware.part, ...parts])
}
