import { appraisePlatform } from '../appraisal/platform.ts'
import { appraiseRealm, type RealmExpectations } from '../appraisal/realm.ts'
import { PLATFORM_SUBMODULE, REALM_SUBMODULE, type Submodule, submodule } from '../appraisal/submodule.ts'
import { NO_ENDORSEMENTS } from '../endorsements/reference-values.ts'
import { type Finding, finding, shown } from '../findings.ts'
import type { VerificationOptions } from '../options.ts'
import { conclude, type TokenClaims, type Verdict } from '../verdict.ts'
import type { ChainResult } from './chain.ts'
import { TOKEN_SIZE_LIMIT } from './envelope.ts'
import { openEvidence } from './open.ts'
import type { PlatformClaims } from './platform.ts'
import { profilesPair } from './profile.ts'
import { checkDigestLengths, decodeRealmClaims, type RealmClaims } from './realm.ts'

/**
 * Verifies the CCA token of one Realm.
 *
 * Every input yields a verdict; nothing in `evidence` makes this throw. Group reports are refused (`profile`): they are
 * another statement, with another meaning.
 *
 * @returns The verdict. Failures in the order of the stages: envelope and syntax (`malformed` … `claims`, `profile`),
 *   `profile-pair`, trust and signatures (`no-trust-anchor` … `freshness`), then appraisal (`digest-length` … `rem`).
 */
export function verifyToken(
  evidence: Uint8Array,
  options: VerificationOptions<RealmExpectations>,
): Verdict<TokenClaims> {
  const opened = openEvidence(evidence, TOKEN_SIZE_LIMIT, decodeRealmClaims, options)
  if (!('chain' in opened)) return conclude(opened, options.diagnostics)
  const { platform, statement: realm, chain } = opened
  const appraisal = appraise(platform, realm, chain, options)
  const findings = [...checkPairing(platform, realm, options), ...chain.findings, ...appraisal.findings]
  const claims = { kind: 'token', trustAnchor: chain.trustAnchor?.name ?? '', platform, realm } as const
  return conclude(findings, options.diagnostics, claims, appraisal.submodules)
}

function checkPairing(
  platform: PlatformClaims,
  realm: RealmClaims,
  options: VerificationOptions<RealmExpectations>,
): readonly Finding[] {
  if (profilesPair(platform.generation, realm.generation, options.pairing ?? 'known')) return []
  const detail = `platform profile \`${shown(platform.profile)}\` with Realm profile \`${shown(realm.profile ?? 'none')}\``
  return [finding('profile-pair', detail, { claim: 'realm 265' })]
}

function appraise(
  platform: PlatformClaims,
  realm: RealmClaims,
  chain: ChainResult,
  options: VerificationOptions<RealmExpectations>,
): { readonly findings: readonly Finding[]; readonly submodules: readonly Submodule[] } {
  const { endorsements = NO_ENDORSEMENTS, compat = [] } = options
  const findings: Finding[] = []
  const length = checkDigestLengths(realm)
  if (length !== undefined) {
    findings.push(
      compat.includes('digest-length') ? finding('compat-switch-used', `\`digest-length\`: ${length.detail}`) : length,
    )
  }
  const firmware = appraisePlatform(platform, endorsements, compat)
  const image = appraiseRealm(realm, endorsements, options.expectations)
  findings.push(...firmware.findings, ...image.findings)
  const usual = realm.generation === 'legacy' ? 'raw' : 'cose-key'
  if (chain.rakForm !== undefined && chain.rakForm !== usual) {
    findings.push(
      finding('rak-encoding-vs-profile', `the key is a ${chain.rakForm}, its profile says ${usual}`, {
        claim: 'realm 44237',
      }),
    )
  }
  const submodules = [
    submodule(PLATFORM_SUBMODULE, firmware.vector, 'executables', firmware.findings),
    submodule(REALM_SUBMODULE, image.vector, 'executables', image.findings),
  ]
  return { findings, submodules }
}
