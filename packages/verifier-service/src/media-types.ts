import { MIMEType } from 'node:util'
import { GROUP_PROFILE, GROUP_TREE_PROFILE } from '@mica/verifier'

/** What the service writes. */
export const DISCOVERY_TYPE = 'application/vnd.veraison.discovery+json'
export const SESSION_TYPE = 'application/vnd.veraison.challenge-response-session+json'
export const PROVISIONING_TYPE = 'application/vnd.veraison.provisioning-session+json'
export const PROBLEM_TYPE = 'application/problem+json'
export const KEY_RELEASE_TYPE = 'application/vnd.mica.key-release+json'

/** What the service reads beside evidence. */
export const KEY_RELEASE_REQUEST_TYPE = 'application/vnd.mica.key-release-request+json'
export const SECRET_TYPE = 'application/vnd.mica.secret+json'
export const EXPECTATIONS_TYPE = 'application/vnd.mica.group-expectations+json'

/** The form of an attester's statement. The three of CMW are wrappers, which name a type of their own. */
export type EvidenceForm = 'token' | 'group' | 'trustee' | 'cmw-cbor' | 'cmw-json' | 'cmw'

const COLLECTION_TYPE = 'application/eat-collection'
const EAT_TYPE = 'application/eat+cwt'
const TRUSTEE_TYPE = 'application/vnd.mica.trustee-cca-evidence+json'
/** The report of a group of Realms; `expectations="sha256:…"` says what to judge it by. */
export const GROUP_TYPE = 'application/vnd.mica.group-evidence+cbor'

const FORMS: ReadonlyMap<string, EvidenceForm> = new Map([
  [COLLECTION_TYPE, 'token'],
  [EAT_TYPE, 'token'],
  [GROUP_TYPE, 'group'],
  [TRUSTEE_TYPE, 'trustee'],
  ['application/cmw', 'cmw'],
  ['application/cmw+cbor', 'cmw-cbor'],
  ['application/cmw+json', 'cmw-json'],
  ['application/vnd.veraison.cmw', 'cmw'],
])

/**
 * Profiles that a token may be announced with. Clients write the first for tokens of every generation; which one a token
 * has is read from the token itself.
 */
const TOKEN_PROFILES = [
  'http://arm.com/CCA-SSD/1.0.0',
  'tag:arm.com,2023:cca_platform#1.0.0',
  'tag:arm.com,2023:realm#1.0.0',
  'tag:arm.com,2024:cca_platform#2.0.0',
  'tag:arm.com,2024:realm#2.0.0',
  'tag:arm.com,2026:cca_platform#2.0.0',
  'tag:arm.com,2026:cca_platform#2.1.0',
  'tag:arm.com,2026:realm#2.0.0',
]

/** Profiles that a report may be announced with: the two forms of one. */
const GROUP_PROFILES: readonly string[] = [GROUP_PROFILE, GROUP_TREE_PROFILE]

/** Every type of evidence that is offered to clients, each in the one spelling that they may compare as text. */
export const EVIDENCE_TYPES: readonly string[] = [
  ...TOKEN_PROFILES.map((profile) => `${COLLECTION_TYPE}; profile="${profile}"`),
  ...[...FORMS.keys()].filter((type) => type !== COLLECTION_TYPE),
]

/** Types of documents that operators provision. JSON is told apart by its content. */
export const DOCUMENT_TYPES: readonly string[] = [
  'application/rim+cbor',
  'application/rim+cose',
  'application/corim-unsigned+cbor',
  'application/corim-signed+cbor',
  'application/json',
  EXPECTATIONS_TYPE,
]

/** The media type that `text` spells, parameters parsed; `undefined` for anything else. */
export function parseMediaType(text: string): MIMEType | undefined {
  try {
    return new MIMEType(text)
  } catch {
    return undefined
  }
}

/** The form of evidence of this type; `undefined` for a type, or a profile of it, that is not appraised here. */
export function evidenceFormOf(type: MIMEType): EvidenceForm | undefined {
  const form = FORMS.get(type.essence)
  const profile = type.params.get('profile') ?? type.params.get('eat_profile')
  if (form === 'token' && profile !== null) return TOKEN_PROFILES.includes(profile) ? form : undefined
  if (form === 'group' && profile !== null) return GROUP_PROFILES.includes(profile) ? form : undefined
  return form
}

/** Whether a document of this type can be provisioned. */
export const isDocumentType = (type: MIMEType): boolean => DOCUMENT_TYPES.includes(type.essence)
