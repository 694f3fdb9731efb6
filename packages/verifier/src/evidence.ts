import { decodeCbor, decodeUtf8 } from '@mica/policy/cbor'
import { fromBase64Url } from './bytes.ts'
import { profileOf } from './cca-token/decode.ts'
import { GROUP_PROFILE, GROUP_TREE_PROFILE, RECEIPT_PROFILE } from './cca-token/profile.ts'
import { isDisclosure } from './disclosure/evidence.ts'
import { GROUP_SIZE_LIMIT } from './group/evidence.ts'
import { countOpening, isRecord, parseJson, startsAsJson } from './json.ts'

/** Evidence taken out of what it was carried in. Nothing in it is verified. */
export interface CarriedEvidence {
  /**
   * What its profile says it is: a hint at the verification that could accept it, `verifyToken`, `verify`,
   * `verifyReceipt` or `verifyDisclosure`. Which of them is asked for is for the caller to know, who expects one Realm, a
   * group, an end, or some of a group.
   */
  readonly kind: 'token' | 'group' | 'receipt' | 'disclosure'
  readonly carrier: 'none' | 'trustee' | 'cmw'
  /** The evidence as verification takes it. */
  readonly bytes: Uint8Array
}

const KINDS: ReadonlyMap<string | undefined, CarriedEvidence['kind']> = new Map([
  [GROUP_PROFILE, 'group'],
  [GROUP_TREE_PROFILE, 'group'],
  [RECEIPT_PROFILE, 'receipt'],
])

/**
 * Carriers larger than this are not opened: a report of the largest size in base64, or a token in the list of numbers that
 * Trustee makes of it.
 */
const CARRIER_LIMIT: number = Math.ceil((GROUP_SIZE_LIMIT * 4) / 3) + 4096
/** Brackets in a carrier in JSON, at most: those that are known have four, and nesting costs hundreds of times its bytes. */
const CARRIER_BRACKETS = 64
/** A CMW record is an array of three at most; whatever else starts as one is looked at no further. */
const CARRIER_ITEMS = 4

/** Media types of evidence in a CMW record (RFC 9999), without their parameters. */
const MEDIA_TYPES = ['application/eat-collection', 'application/eat+cwt']
/** CoAP content format of application/eat+cwt, and the CBOR tag that stands for it (RFC 9277, section 4.3). */
const EAT_CWT = 263
const TAG_EAT_CWT = 1_668_547_081

/**
 * Takes evidence out of its carrier: the object of Trustee's CCA attester, `{"token": [byte, …]}`, or a CMW record, as
 * CBOR array or tag, or as JSON.
 *
 * Never throws, and refuses nothing: what is not carried so comes back as it is, for verification to accept or reject.
 */
export function readEvidence(bytes: Uint8Array): CarriedEvidence {
  const opened = bytes.length > CARRIER_LIMIT ? undefined : openCarrier(bytes)
  const evidence = opened?.bytes ?? bytes
  const profile = profileOf(evidence, GROUP_SIZE_LIMIT)
  const isPart = profile === GROUP_TREE_PROFILE && isDisclosure(evidence)
  const kind = isPart ? 'disclosure' : (KINDS.get(profile) ?? 'token')
  return { kind, carrier: opened?.carrier ?? 'none', bytes: evidence }
}

type Opened = Pick<CarriedEvidence, 'carrier' | 'bytes'>

const inCmw = (bytes: Uint8Array | undefined): Opened | undefined =>
  bytes === undefined ? undefined : { carrier: 'cmw', bytes }

function openCarrier(bytes: Uint8Array): Opened | undefined {
  if (startsAsJson(bytes)) {
    const text = countOpening(bytes) > CARRIER_BRACKETS ? undefined : decodeUtf8(bytes)
    if (text === undefined) return undefined
    const json = parseJson(text)
    if (Array.isArray(json)) return inCmw(recordOf(json, asBase64Url))
    const token = isRecord(json) ? bytesOfList(json['token']) : undefined
    return token === undefined ? undefined : { carrier: 'trustee', bytes: token }
  }
  const decoded = decodeCbor(bytes, { deterministic: false, maxDepth: 2, maxItems: CARRIER_ITEMS })
  if (decoded.kind === 'malformed') return undefined
  const { value } = decoded
  if (Array.isArray(value)) return inCmw(recordOf(value, asBytes))
  const isTagged = typeof value === 'object' && value !== null && 'tag' in value && value.tag === TAG_EAT_CWT
  return isTagged ? inCmw(asBytes(value.value)) : undefined
}

const asBytes = (value: unknown): Uint8Array | undefined => (value instanceof Uint8Array ? value : undefined)

const asBase64Url = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' ? fromBase64Url(value) : undefined

/** A record `[type, value, ?indicator]`; the indicator says what kind of message it is, which its type says as well. */
function recordOf(
  record: readonly unknown[],
  read: (value: unknown) => Uint8Array | undefined,
): Uint8Array | undefined {
  const [type, value] = record
  if (record.length < 2 || record.length > 3) return undefined
  const isKnown =
    typeof type === 'string' ? MEDIA_TYPES.includes(type.split(';')[0]!.trim().toLowerCase()) : type === EAT_CWT
  return isKnown ? read(value) : undefined
}

function bytesOfList(list: unknown): Uint8Array | undefined {
  if (!Array.isArray(list)) return undefined
  const isByte = (item: unknown): boolean => Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 255
  return list.every(isByte) ? Uint8Array.from(list) : undefined
}
