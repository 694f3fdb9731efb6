/** How one generation of results spells its claims in JSON. */
export interface EarNames {
  readonly profile: string
  readonly verifierId: string
  readonly rawEvidence: string
  /** Status of everything together, where the generation has one. */
  readonly overallStatus?: string | undefined
  readonly status: string
  readonly vector: string
  readonly policy: string
  readonly policyIsList: boolean
  readonly annotatedEvidence: string
  readonly policyClaims: string
}

/** The names of Veraison's releases, and of the drafts up to -02. */
export const VERAISON: EarNames = {
  profile: 'tag:github.com,2023:veraison/ear',
  verifierId: 'ear.verifier-id',
  rawEvidence: 'ear.raw-evidence',
  status: 'ear.status',
  vector: 'ear.trustworthiness-vector',
  policy: 'ear.appraisal-policy-id',
  policyIsList: false,
  annotatedEvidence: 'ear.veraison.annotated-evidence',
  policyClaims: 'ear.veraison.policy-claims',
}

/** The names since draft -03, which writes underscores. */
export const DRAFT_04: EarNames = {
  profile: 'tag:ietf.org,2026:rats/ear#04',
  verifierId: 'ear_verifier_id',
  rawEvidence: 'ear_raw_evidence',
  overallStatus: 'ear_status',
  status: 'ear_status',
  vector: 'ear_trustworthiness_vector',
  policy: 'ear_appraisal_policy_ids',
  policyIsList: true,
  annotatedEvidence: 'ear_veraison_annotated_evidence',
  policyClaims: 'ear_veraison_policy_claims',
}

/** Profiles of results that are read without being asked for by name, and their spelling. */
export const EAR_PROFILES: ReadonlyMap<string, EarNames> = new Map([
  [VERAISON.profile, VERAISON],
  ['tag:github.com,2024:confidential-containers/Trustee', VERAISON],
  ['tag:ietf.org,2025-07:ear', VERAISON],
  ['tag:ietf.org,2026:rats/ear#03', DRAFT_04],
  [DRAFT_04.profile, DRAFT_04],
])
