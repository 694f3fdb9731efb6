import type { PlatformClaims } from '../cca-token/platform.ts'
import { GROUP_PROFILE } from '../cca-token/profile.ts'
import { NO_ENDORSEMENTS } from '../endorsements/reference-values.ts'
import { type Finding, finding } from '../findings.ts'
import type { VerificationOptions } from '../options.ts'
import { appraisePlatform } from './platform.ts'
import { PLATFORM_SUBMODULE, type Submodule, submodule } from './submodule.ts'

/**
 * Whether the measured firmware is good, and known to enforce policies: what it says of groups, and of memories that
 * somebody lost, is worth no more than that.
 *
 * @param profile Profile of the statements that it must be endorsed for.
 */
export function appraiseFirmware(
  platform: PlatformClaims,
  options: Pick<VerificationOptions<unknown>, 'endorsements' | 'compat'>,
  profile: string = GROUP_PROFILE,
): { readonly findings: readonly Finding[]; readonly part: Submodule; readonly enforces: boolean } {
  const { findings, enforces, vector } = appraisePlatform(
    platform,
    options.endorsements ?? NO_ENDORSEMENTS,
    options.compat ?? [],
  )
  const part = submodule(PLATFORM_SUBMODULE, vector, 'executables', findings)
  if (enforces.includes(profile)) return { findings, part, enforces: true }
  const detail = `no measured firmware component is endorsed as enforcing \`${profile}\``
  const unknown = finding('rmm-not-known-to-enforce', detail, { claim: 'platform 2399' })
  return { findings: [...findings, unknown], part, enforces: false }
}
