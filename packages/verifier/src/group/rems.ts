import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { equalBytes } from '../bytes.ts'
import { type Finding, finding } from '../findings.ts'
import type { MemberClaims } from './members.ts'

/**
 * Compares REM[0] with the policy it must have been extended by: H(0 | policy digest), as the monitor extends. It
 * stays that for life: a policy that lets its Realm measure on opens the other measurements only.
 */
export function checkRems(
  member: Pick<MemberClaims, 'label' | 'rems' | 'policyDigest' | 'hashAlgorithm'>,
): readonly Finding[] {
  const { rems, policyDigest } = member
  if (rems === undefined) return []
  const hash = member.hashAlgorithm === 'sha-256' ? sha256 : sha512
  const expected = hash(concatBytes(new Uint8Array(policyDigest.length), policyDigest))
  if (equalBytes(rems[0]!, expected)) return []
  const detail = 'REM[0] is not the measurement of its policy'
  return [finding('rem-not-policy', detail, { member: member.label, claim: 'realm -75010 rems' })]
}
