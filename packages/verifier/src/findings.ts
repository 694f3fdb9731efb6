import { toHex } from './bytes.ts'

/**
 * The name of everything that can be found in evidence, in order of code: stable, and spelled as the reference for CCA
 * verification spells it where it has a name.
 */
export type FindingName =
  | 'malformed'
  | 'unknown-envelope'
  | 'missing-platform'
  | 'missing-realm'
  | 'cmw-type'
  | 'cose'
  | 'claims'
  | 'profile'
  | 'profile-pair'
  | 'no-trust-anchor'
  | 'revoked'
  | 'alg-key-mismatch'
  | 'platform-signature'
  | 'rak'
  | 'realm-signature'
  | 'binding'
  | 'freshness'
  | 'digest-length'
  | 'lifecycle'
  | 'platform-config'
  | 'platform-software'
  | 'rim'
  | 'rpv'
  | 'rem'
  | 'unknown-implementation'
  | 'rak-encoding-vs-profile'
  | 'no-reference-values'
  | 'compat-switch-used'
  | 'group'
  | 'requester-not-a-member'
  | 'rmm-not-known-to-enforce'
  | 'incompatible'
  | 'unexpected-member'
  | 'missing-member'
  | 'peer-identity'
  | 'not-closed'
  | 'unrelated-member'
  | 'assertion-digest'
  | 'assertion'
  | 'channel-inactive'
  | 'rem-not-policy'
  | 'residual-flow'
  | 'group-tree'
  | 'not-shown'
  | 'set-duplicate'
  | 'set-platform'
  | 'set-uniqueness'
  | 'requester-not-shown'
  | 'recipient-key'
  | 'not-the-recipient'
  | 'another-memory'
  | 'another-machine'
  | 'not-of-the-report'
  | 'moved-since-report'
  | 'no-report'

/** What a finding does to a verdict: a failure rejects, a note is reported and rejects nothing. */
export type Severity = 'failure' | 'note'

/** Code and severity of each. The first seventeen follow the order of verification, where the first failure decides. */
const FINDINGS: Readonly<Record<FindingName, readonly [code: `MICA2${number}`, Severity]>> = {
  malformed: ['MICA2001', 'failure'],
  'unknown-envelope': ['MICA2002', 'failure'],
  'missing-platform': ['MICA2003', 'failure'],
  'missing-realm': ['MICA2004', 'failure'],
  'cmw-type': ['MICA2005', 'failure'],
  cose: ['MICA2006', 'failure'],
  claims: ['MICA2007', 'failure'],
  profile: ['MICA2008', 'failure'],
  'profile-pair': ['MICA2009', 'failure'],
  'no-trust-anchor': ['MICA2010', 'failure'],
  revoked: ['MICA2011', 'failure'],
  'alg-key-mismatch': ['MICA2012', 'failure'],
  'platform-signature': ['MICA2013', 'failure'],
  rak: ['MICA2014', 'failure'],
  'realm-signature': ['MICA2015', 'failure'],
  binding: ['MICA2016', 'failure'],
  freshness: ['MICA2017', 'failure'],
  'digest-length': ['MICA2018', 'failure'],
  lifecycle: ['MICA2019', 'failure'],
  'platform-config': ['MICA2020', 'failure'],
  'platform-software': ['MICA2021', 'failure'],
  rim: ['MICA2022', 'failure'],
  rpv: ['MICA2023', 'failure'],
  rem: ['MICA2024', 'failure'],
  'unknown-implementation': ['MICA2025', 'failure'],
  'rak-encoding-vs-profile': ['MICA2030', 'note'],
  'no-reference-values': ['MICA2031', 'note'],
  'compat-switch-used': ['MICA2032', 'note'],
  group: ['MICA2040', 'failure'],
  'requester-not-a-member': ['MICA2041', 'failure'],
  'rmm-not-known-to-enforce': ['MICA2042', 'failure'],
  incompatible: ['MICA2043', 'failure'],
  'unexpected-member': ['MICA2044', 'failure'],
  'missing-member': ['MICA2045', 'failure'],
  'peer-identity': ['MICA2046', 'failure'],
  'not-closed': ['MICA2047', 'failure'],
  'unrelated-member': ['MICA2048', 'failure'],
  'assertion-digest': ['MICA2049', 'failure'],
  assertion: ['MICA2050', 'failure'],
  'channel-inactive': ['MICA2051', 'failure'],
  'rem-not-policy': ['MICA2052', 'failure'],
  'residual-flow': ['MICA2053', 'note'],
  'group-tree': ['MICA2054', 'failure'],
  'not-shown': ['MICA2055', 'note'],
  'set-duplicate': ['MICA2056', 'failure'],
  'set-platform': ['MICA2057', 'failure'],
  'set-uniqueness': ['MICA2058', 'note'],
  'requester-not-shown': ['MICA2059', 'failure'],
  'recipient-key': ['MICA2060', 'failure'],
  'not-the-recipient': ['MICA2061', 'failure'],
  'another-memory': ['MICA2070', 'failure'],
  'another-machine': ['MICA2071', 'failure'],
  'not-of-the-report': ['MICA2072', 'failure'],
  'moved-since-report': ['MICA2073', 'note'],
  'no-report': ['MICA2074', 'note'],
}

/** Where in the evidence, and by which rule, something was found. */
export interface FindingPlace {
  /** Member of the group, by the name its own policy gives it. */
  readonly member?: string | undefined
  /** Claim, by half and label: `platform 2395`. */
  readonly claim?: string | undefined
  /** Rule of the policy language that failed, or the assertion as it is printed. */
  readonly rule?: string | undefined
  /** The path that breaks an assertion, from source to sink. */
  readonly path?: readonly string[] | undefined
}

/** One thing found in evidence: data for programs, with one line of English for people. */
export interface Finding extends FindingPlace {
  readonly code: `MICA2${number}`
  readonly name: FindingName
  readonly severity: Severity
  readonly detail: string
}

/** Makes a finding; its code and severity follow from its name. */
export function finding(name: FindingName, detail: string, place: FindingPlace = {}): Finding {
  const [code, severity] = FINDINGS[name]
  return { code, name, severity, ...place, detail }
}

/** Characters of a text from evidence that are shown: no name that anything here knows has as many. */
const SHOWN_LENGTH = 1_024

/**
 * `text` from evidence as it may be shown to a person: names in evidence are the attester's, so nothing in them may
 * move a cursor, end a line or turn the direction of writing, and of one that goes on for ever the beginning is shown.
 */
export function shown(text: string): string {
  const beginning = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
  return beginning.replaceAll(/[\p{C}\p{Zl}\p{Zp}`]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
}

/** The first eight bytes of a digest, enough for a person to compare. */
export const short = (digest: Uint8Array): string => `${toHex(digest.slice(0, 8))}…`
