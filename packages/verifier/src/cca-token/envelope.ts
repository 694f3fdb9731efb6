import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { type Finding, finding } from '../findings.ts'
import { startsAsJson } from '../json.ts'

/** The largest single token that is looked at, in bytes. Real ones are 1 to 5 KiB. */
export const TOKEN_SIZE_LIMIT = 65_536

/** The two COSE_Sign1 messages of a CCA token, still encoded. */
export interface Envelope {
  readonly platform: Uint8Array
  readonly realm: Uint8Array
  /** What stands under a label beside the two tokens as CBOR of its own; nobody has signed it. */
  readonly beside: (label: number) => Uint8Array | undefined
}

/** The two forms in the field: a CMW collection (907), and the one of RMM 1.0 (399), whose members are bare. */
const TAG_CMW_COLLECTION = 907
const TAG_CCA_COLLECTION = 399
const PLATFORM_TOKEN = 44234
const REALM_TOKEN = 44241
/** CoAP content formats of application/eat+cwt and application/cbor. */
const EAT_CWT = 263
const CBOR = 60
const MAX_DEPTH = 16
/** What is signed counts as one item here. An item may cost a hundred times the byte that it takes. */
const MAX_ITEMS = 1_024

/**
 * Opens the outer envelope of a token of at most `limit` bytes. Members other than the two tokens are passed over, until one is asked for.
 *
 * @returns In order: `malformed` (too large, or no well-formed CBOR), `unknown-envelope`, `missing-platform`,
 *   `missing-realm`, `cmw-type`.
 */
export function openEnvelope(evidence: Uint8Array, limit: number): Envelope | Finding {
  if (evidence.length > limit)
    return finding('malformed', `${evidence.length} bytes are more than the limit of ${limit}`)
  if (startsAsJson(evidence)) return finding('malformed', 'it is JSON, and neither Trustee evidence nor a CMW record')
  const decoded = decodeCbor(evidence, { deterministic: false, maxDepth: MAX_DEPTH, maxItems: MAX_ITEMS })
  if (decoded.kind === 'malformed') return finding('malformed', `${decoded.reason} at byte ${decoded.offset}`)
  const outer = decoded.value
  if (typeof outer !== 'object' || outer === null || !('tag' in outer))
    return finding('unknown-envelope', 'the evidence carries no tag')
  const collection = outer.value
  if (outer.tag === PLATFORM_TOKEN)
    return finding('unknown-envelope', 'tag 44234 is the form before RMM 1.0, which is not supported')
  if (outer.tag !== TAG_CMW_COLLECTION && outer.tag !== TAG_CCA_COLLECTION) {
    return finding('unknown-envelope', `tag ${outer.tag} is neither 399 nor 907`)
  }
  if (!(collection instanceof Map)) return finding('unknown-envelope', 'the collection is not a map')
  const [platform, realm]: (CborValue | undefined)[] = [collection.get(PLATFORM_TOKEN), collection.get(REALM_TOKEN)]
  if (platform === undefined) return finding('missing-platform', 'the collection has no platform token (44234)')
  if (realm === undefined) return finding('missing-realm', 'the collection has no Realm token (44241)')
  const open = outer.tag === TAG_CMW_COLLECTION ? unwrapCmw : asBytes
  const [platformToken, realmToken] = [open(platform, EAT_CWT), open(realm, EAT_CWT)]
  if (platformToken === undefined) return finding('cmw-type', 'the platform token is not wrapped as this envelope asks')
  if (realmToken === undefined) return finding('cmw-type', 'the Realm token is not wrapped as this envelope asks')
  return { platform: platformToken, realm: realmToken, beside: (label) => open(collection.get(label), CBOR) }
}

const asBytes = (value: CborValue | undefined): Uint8Array | undefined =>
  value instanceof Uint8Array ? value : undefined

/** A CMW record `[type, value]`; an indicator, its optional third element, has no meaning for tokens. */
function unwrapCmw(value: CborValue | undefined, format: number): Uint8Array | undefined {
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== format) return undefined
  return asBytes(value[1])
}
