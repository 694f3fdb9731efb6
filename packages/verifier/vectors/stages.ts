import type { FindingName } from '../src/index.ts'

/** The findings that an expectation file means when it names the stage at which a defect has to be found. */
const STAGES: Readonly<Record<string, readonly FindingName[]>> = {
  cbor: ['malformed'],
  'claims-cbor': ['malformed'],
  collection: ['unknown-envelope', 'missing-platform', 'missing-realm', 'cmw-type'],
  // Whether a message that is no well-formed CBOR fails as CBOR or as COSE is a matter of taste.
  cose: ['cose', 'malformed'],
  'cose-header': ['cose'],
  'platform-signature': ['platform-signature', 'alg-key-mismatch'],
  claims: ['claims', 'profile', 'digest-length'],
  profile: ['profile', 'profile-pair'],
  pairing: ['profile-pair'],
  'trust-anchor': ['no-trust-anchor', 'revoked', 'alg-key-mismatch'],
  rak: ['rak'],
  appraisal: ['lifecycle', 'platform-config', 'platform-software', 'rim', 'rpv', 'rem'],
}

/** What may be found of a defect at `stage`. A name that is not a stage is that of a finding. */
export function findingsAt(stage: string): readonly string[] {
  return STAGES[stage] ?? [stage]
}
