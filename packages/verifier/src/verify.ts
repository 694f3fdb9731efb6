import { groupSubmodules } from './appraisal/group.ts'
import { appraisePlatform } from './appraisal/platform.ts'
import { PLATFORM_SUBMODULE, type Submodule, submodule } from './appraisal/submodule.ts'
import { type ChainResult, verifyChain } from './cca-token/chain.ts'
import { decodeToken } from './cca-token/decode.ts'
import { decodePlatformClaims, type PlatformClaims } from './cca-token/platform.ts'
import { GROUP_PROFILE } from './cca-token/profile.ts'
import { nodeSignatures } from './cose/ecdsa-node.ts'
import { NO_ENDORSEMENTS } from './endorsements/reference-values.ts'
import { type Finding, finding } from './findings.ts'
import { appraiseGroup } from './group/appraise.ts'
import { decodeGroupStatement, GROUP_SIZE_LIMIT, type GroupStatement } from './group/evidence.ts'
import type { GroupExpectations } from './group/expectations.ts'
import { openGroup } from './group/members.ts'
import type { VerificationOptions } from './options.ts'
import { conclude, type GroupEvidenceClaims, type Verdict } from './verdict.ts'

/**
 * Bytes of a group claim that is opened for a caller who wants to see everything, although nothing vouches for it: some
 * hundred members. A claim can be made whose members take more time to relate to each other than anybody wants to
 * spend on a stranger; the monitor signs none larger than the machine it runs on.
 */
const DOUBTFUL_GROUP_LIMIT = 16_384

/**
 * Verifies the report of a group of Realms, and appraises what the group may do.
 *
 * Every input yields a verdict; nothing in `evidence` makes this throw. Tokens of single Realms are refused
 * (`profile`): they say nothing about a group.
 *
 * @returns The verdict. Failures in the order of the stages: envelope and syntax (`malformed` … `claims`, `profile`),
 *   trust and signatures (`no-trust-anchor` … `freshness`), the platform (`lifecycle` … `rmm-not-known-to-enforce`),
 *   then the group (`group`, and those of {@link appraiseGroup}).
 */
export function verify(
  evidence: Uint8Array,
  options: VerificationOptions<GroupExpectations>,
): Verdict<GroupEvidenceClaims> {
  const { diagnostics } = options
  const decoded = decodeToken(evidence, GROUP_SIZE_LIMIT)
  if (!('platform' in decoded)) return conclude(decoded, diagnostics)
  const platform = decodePlatformClaims(decoded.platform.claims)
  const statement = decodeGroupStatement(decoded.realm.claims)
  if (!('profile' in platform))
    return conclude([...platform, ...('requester' in statement ? [] : statement)], diagnostics)
  if (!('requester' in statement)) return conclude(statement, diagnostics)

  const chain = verifyChain({
    platformSign1: decoded.platform.sign1,
    platform,
    realmSign1: decoded.realm.sign1,
    statement,
    trustAnchors: options.trustAnchors,
    challenge: options.challenge,
    signatures: options.signatures ?? nodeSignatures,
    diagnostics: options.diagnostics,
  })
  const firmware = appraiseFirmware(platform, options)
  const findings = [...chain.findings, ...firmware.findings]
  const failed = findings.some((one) => one.severity === 'failure')
  if (failed && (diagnostics !== 'all' || statement.groupBytes.length > DOUBTFUL_GROUP_LIMIT)) {
    return conclude<GroupEvidenceClaims>(findings, diagnostics, undefined, [
      firmware.part,
      ...groupSubmodules(undefined, findings),
    ])
  }
  return judge(platform, statement, { chain, part: firmware.part, findings }, options)
}

/** Whether the measured firmware is good, and known to enforce what a group report says. */
function appraiseFirmware(
  platform: PlatformClaims,
  options: VerificationOptions<GroupExpectations>,
): { readonly findings: readonly Finding[]; readonly part: Submodule } {
  const { findings, enforces, vector } = appraisePlatform(
    platform,
    options.endorsements ?? NO_ENDORSEMENTS,
    options.compat ?? [],
  )
  const part = submodule(PLATFORM_SUBMODULE, vector, 'executables', findings)
  if (enforces.includes(GROUP_PROFILE)) return { findings, part }
  const detail = `no measured firmware component is endorsed as enforcing \`${GROUP_PROFILE}\``
  return { findings: [...findings, finding('rmm-not-known-to-enforce', detail, { claim: 'platform 2399' })], part }
}

function judge(
  platform: PlatformClaims,
  statement: GroupStatement,
  earlier: { readonly chain: ChainResult; readonly part: Submodule; readonly findings: readonly Finding[] },
  options: VerificationOptions<GroupExpectations>,
): Verdict<GroupEvidenceClaims> {
  const opened = openGroup(statement.groupBytes)
  if (!('members' in opened)) {
    const found = [...earlier.findings, opened]
    const parts = [earlier.part, ...groupSubmodules(undefined, found)]
    return conclude<GroupEvidenceClaims>(found, options.diagnostics, undefined, parts)
  }
  const appraised = appraiseGroup(opened, statement.requester, options.expectations)
  const { group } = appraised
  const findings = [...earlier.findings, ...appraised.findings]
  const claims = { kind: 'group', trustAnchor: earlier.chain.trustAnchor?.name ?? '', platform, group } as const
  return conclude(findings, options.diagnostics, claims, [earlier.part, ...groupSubmodules(group, findings)])
}
