import type { CborValue } from '@mica/policy/cbor'
import { ClaimsReader, DIGEST_LENGTHS } from './claims.ts'

// Labels and shapes of the optional platform claims: draft-ffm-rats-cca-token, section 4.5.
const MANUFACTURING_CONFIG = 2403
const EXTENSIONS = 2404
const TBB_ROTPK = 2405
const PEER_SIGNERS = 2406
const DTPM_BINDING = 2407

/** Protocols whose transcript starts with version, capabilities and algorithms: their extension carries its digest. */
const SPDM_WITH_VCA: ReadonlySet<unknown> = new Set(['spdm-1.2.0', 'spdm-1.3.0', 'spdm-1.4.0'])
/** The device type whose memory may be encrypted in several ways: its extension says which. */
const CXL_TYPE_3 = 'cxl-type-3'
const ENCRYPTION_TYPE_LIMIT = 2

/**
 * Checks the platform claims that may be absent and are not appraised. One that is there has to be as the profile says:
 * a token with a claim that nobody can read is not a token of that profile.
 */
export function checkOptionalClaims(reader: ClaimsReader): void {
  if (reader.has(MANUFACTURING_CONFIG)) reader.bytes(MANUFACTURING_CONFIG)
  if (reader.has(EXTENSIONS)) eachMap(reader, EXTENSIONS, checkExtension)
  if (reader.has(TBB_ROTPK)) eachMap(reader, TBB_ROTPK, checkRotpk)
  if (reader.has(PEER_SIGNERS)) checkPeerSigners(reader)
  if (reader.has(DTPM_BINDING)) reader.bytes(DTPM_BINDING)
}

/** A list of at least one map, each of which `check` finds nothing wrong with; the first that is not so is refused. */
function eachMap(reader: ClaimsReader, label: number, check: (entry: ClaimsReader) => void): void {
  const list = reader.value(label)
  if (!Array.isArray(list) || list.length === 0) {
    reader.refuse(label, 'not a list of entries')
    return
  }
  for (const [index, item] of list.entries()) {
    const entry = new ClaimsReader(`entry ${index}`, item instanceof Map ? item : new Map())
    check(entry)
    const [first] = entry.findings
    if (first !== undefined) {
      reader.refuse(label, first.detail)
      return
    }
  }
}

/** One platform extension: a device or firmware beside the platform's own, measured by it. */
function checkExtension(entry: ClaimsReader): void {
  if (entry.has(1)) entry.hashAlgorithm(1)
  entry.bytes(2, DIGEST_LENGTHS)
  entry.bytes(3, DIGEST_LENGTHS)
  entry.boolean(4)
  const protocol = entry.text(5)
  if (SPDM_WITH_VCA.has(protocol) || entry.has(6)) entry.bytes(6, DIGEST_LENGTHS)
  const device = entry.text(7)
  if (device === CXL_TYPE_3 || entry.has(8)) entry.uint(8, ENCRYPTION_TYPE_LIMIT)
}

/** The hash of one root-of-trust public key of trusted board boot: of the chip's maker (CM) or the device's (DM). */
function checkRotpk(entry: ClaimsReader): void {
  const owner = entry.text(1)
  if (owner !== 'CM' && owner !== 'DM') entry.refuse(1, 'neither CM nor DM')
  for (const label of [2, 3]) entry.integer(label)
  entry.bytes(4, DIGEST_LENGTHS)
}

/** A list of identifiers in the current draft; one byte string in the libraries that came before it. */
function checkPeerSigners(reader: ClaimsReader): void {
  const value: CborValue | undefined = reader.value(PEER_SIGNERS)
  const signers: readonly unknown[] = Array.isArray(value) ? value : [value]
  const right = signers.length > 0 && signers.every((signer) => signer instanceof Uint8Array && signer.length > 0)
  if (!right) reader.refuse(PEER_SIGNERS, 'neither a byte string nor a list of them')
}
