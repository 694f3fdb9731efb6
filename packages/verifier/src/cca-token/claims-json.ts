import type { CborKey, CborValue } from '@mica/policy/cbor'
import { fromBase64 } from '../bytes.ts'
import { type Finding, finding } from '../findings.ts'
import { isRecord, parseJson } from '../json.ts'
import { type ClaimsReading, claimsReading } from './claims-set.ts'
import { decodePlatformClaims, type PlatformClaims } from './platform.ts'
import { decodeRealmClaims, type RealmClaims } from './realm.ts'

/** The halves that a JSON file of claims holds: one of them, or both. */
export interface JsonClaims {
  readonly platform?: PlatformClaims | undefined
  readonly realm?: RealmClaims | undefined
}

type Json = Readonly<Record<string, unknown>>
/** How a member is turned into the value of a claim. */
type Conversion = (value: unknown) => CborValue
/** The claims of a JSON object: member name to label and conversion. */
type Names = Readonly<Record<string, readonly [label: number, convert: Conversion]>>

/** The value of a claim that JSON has in another type: no claim is ever null, so its reader says what it is not. */
const WRONG_TYPE: CborValue = null

const plain: Conversion = (value) => {
  const right = typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))
  return right ? value : WRONG_TYPE
}
const base64: Conversion = (value) => (typeof value === 'string' ? fromBase64(value) : undefined) ?? WRONG_TYPE
const list =
  (convert: Conversion): Conversion =>
  (value) =>
    Array.isArray(value) ? value.map(convert) : WRONG_TYPE
const object =
  (names: Names): Conversion =>
  (value) =>
    isRecord(value) ? claimsMap(value, names) : WRONG_TYPE

const COMPONENT: Names = {
  'measurement-type': [1, plain],
  'measurement-value': [2, base64],
  version: [4, plain],
  'signer-id': [5, base64],
  'measurement-description': [6, plain],
}

const PLATFORM: Names = {
  'cca-platform-profile': [265, plain],
  'cca-platform-challenge': [10, base64],
  'cca-platform-implementation-id': [2396, base64],
  'cca-platform-instance-id': [256, base64],
  'cca-platform-config': [2401, base64],
  'cca-platform-lifecycle': [2395, plain],
  'cca-platform-sw-components': [2399, list(object(COMPONENT))],
  'cca-platform-service-indicator': [2400, plain],
  'cca-platform-hash-algo-id': [2402, plain],
}

const REALM: Names = {
  'cca-realm-profile': [265, plain],
  'cca-realm-challenge': [10, base64],
  'cca-realm-personalization-value': [44235, base64],
  'cca-realm-initial-measurement': [44238, base64],
  'cca-realm-extensible-measurements': [44239, list(base64)],
  'cca-realm-hash-algo-id': [44236, plain],
  'cca-realm-public-key': [44237, base64],
  'cca-realm-public-key-hash-algo-id': [44240, plain],
}

const PLATFORM_TOKEN = 'cca-platform-token'
const REALM_TOKEN = 'cca-realm-delegated-token'

/**
 * Reads claims as the Veraison tools write them in JSON: an object of platform claims, one of Realm claims, or both under
 * `cca-platform-token` and `cca-realm-delegated-token`. Bytes are in padded base64. JSON is never evidence: it says
 * what a tool saw, or what a test is to sign.
 *
 * @returns Refused, in this order: `malformed`; `missing-platform` and `missing-realm` where both halves are meant;
 *   `profile` or every `claims` finding.
 */
export function readClaimsJson(text: string): ClaimsReading<JsonClaims> {
  const json = parseJson(text)
  if (!isRecord(json)) return refused([finding('malformed', 'claims are a JSON object')])
  if (PLATFORM_TOKEN in json || REALM_TOKEN in json) return bothHalves(json)
  const names = Object.keys(json)
  if (names.some((name) => name.startsWith('cca-realm-'))) {
    const realm = claimsReading(decodeRealmClaims(claimsMap(json, REALM)))
    return realm.kind === 'claims' ? { kind: 'claims', claims: { realm: realm.claims } } : realm
  }
  const platform = claimsReading(decodePlatformClaims(claimsMap(json, PLATFORM)))
  return platform.kind === 'claims' ? { kind: 'claims', claims: { platform: platform.claims } } : platform
}

function bothHalves(json: Json): ClaimsReading<JsonClaims> {
  const [platformHalf, realmHalf] = [json[PLATFORM_TOKEN], json[REALM_TOKEN]]
  if (!isRecord(platformHalf)) return refused([finding('missing-platform', `no object \`${PLATFORM_TOKEN}\``)])
  if (!isRecord(realmHalf)) return refused([finding('missing-realm', `no object \`${REALM_TOKEN}\``)])
  const platform = claimsReading(decodePlatformClaims(claimsMap(platformHalf, PLATFORM)))
  const realm = claimsReading(decodeRealmClaims(claimsMap(realmHalf, REALM)))
  if (platform.kind === 'refused')
    return realm.kind === 'refused' ? refused([...platform.findings, ...realm.findings]) : platform
  if (realm.kind === 'refused') return realm
  return { kind: 'claims', claims: { platform: platform.claims, realm: realm.claims } }
}

/** The claims that a JSON object names; members of other names are passed over, as unknown claims are. */
function claimsMap(json: Json, names: Names): ReadonlyMap<CborKey, CborValue> {
  return new Map(
    Object.entries(names).flatMap(([name, [label, convert]]) =>
      name in json ? [[label, convert(json[name])] as const] : [],
    ),
  )
}

const refused = (
  findings: readonly Finding[],
): { readonly kind: 'refused'; readonly findings: readonly Finding[] } => ({
  kind: 'refused',
  findings,
})
