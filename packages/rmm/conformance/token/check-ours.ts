import { CallingRealm } from '../../lab/calling-realm.ts'
import {
  RMI_HASH_SHA_256,
  RMI_HASH_SHA_512,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_INCOMPLETE,
  RSI_MEASUREMENT_EXTEND,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { conformanceHost } from '../platform.ts'
import type { Compare } from '../trace/difference.ts'
import { fromHex, hex, hexBytes } from '../trace/text.ts'
import { CLAIM } from './check-recorded.ts'
import type { TokenDescription } from './description.ts'
import { byteString, type OpenSign1, openToken } from './open-token.ts'
import { isSignedBy, keyOf } from './signature.ts'

const RAM_SIZE = 4096
/** Bytes asked for at a time when a token is read in parts; no divisor of any token's length. */
const PART = 500

/**
 * Lets a Realm ask our monitor for the token that was recorded, from the same inputs, and compares the two: all of it
 * apart from the attestation key and the signature.
 */
export function checkOurs(compare: Compare, description: TokenDescription, recorded: Uint8Array): void {
  const theirs = openToken(recorded)
  const realm = realmOf(description, theirs.platform.bytes)
  compare('our rem', realm.host.rmm.monitor.realmAt(realm.rd)!.rems.map(hexBytes), description.rem)
  const whole = readToken(realm, description, RAM_SIZE)
  compare('statuses of our reads', whole.statuses, [hex(RSI_SUCCESS)])
  compareTokens(compare, whole.token, recorded)

  const parts = readToken(realm, description, PART)
  const reads = Math.ceil(recorded.length / PART)
  const statuses = Array.from({ length: reads }, (_, i) => hex(i < reads - 1 ? RSI_INCOMPLETE : RSI_SUCCESS))
  compare('statuses of our reads in parts', parts.statuses, statuses)
  compareTokens(compare, parts.token, recorded)
}

/** A Realm with the recorded measurements. Its construction was another one, so its RIM is put there. */
function realmOf(description: TokenDescription, platformToken: Uint8Array): CallingRealm {
  const { hash_algo, rpv, rim, extends: extensions } = description
  const hashAlgorithm = hash_algo === 'sha-256' ? RMI_HASH_SHA_256 : RMI_HASH_SHA_512
  const options = { ...conformanceHost({}, false), platformToken }
  const realm = new CallingRealm({ hashAlgorithm, rpv: fromHex(rpv) }, options)
  realm.host.rmm.monitor.realmAt(realm.rd)!.rim = fromHex(rim)
  for (const { index, size, value } of extensions) {
    realm.call(RSI_MEASUREMENT_EXTEND, index, size, ...words(fromHex(value)))
  }
  return realm
}

/** 64 bytes as the registers that carry them; what is missing is zero. */
function words(bytes: Uint8Array): bigint[] {
  const padded = new Uint8Array(64)
  padded.set(bytes.subarray(0, 64))
  return Array.from(new BigUint64Array(padded.buffer))
}

interface ReadToken {
  readonly token: Uint8Array
  readonly statuses: readonly string[]
}

function readToken(realm: CallingRealm, { challenge, size }: TokenDescription, part: number): ReadToken {
  const [init] = realm.call(RSI_ATTESTATION_TOKEN_INIT, ...words(fromHex(challenge)))
  if (init !== RSI_SUCCESS) return { token: new Uint8Array(0), statuses: [hex(init!)] }
  const parts: Uint8Array[] = []
  const statuses: string[] = []
  for (let reads = 0; reads <= size / part + 1; reads++) {
    const [status, length] = realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, 0, 0, part)
    statuses.push(hex(status!))
    parts.push(realm.readRam(Number(length)))
    if (status !== RSI_INCOMPLETE) break
  }
  return { token: Uint8Array.from(Buffer.concat(parts)), statuses }
}

function compareTokens(compare: Compare, ours: Uint8Array, recorded: Uint8Array): void {
  compare('our length', ours.length, recorded.length)
  const own = openToken(ours)
  const theirs = openToken(recorded)
  compare('our tag', own.tag, theirs.tag)
  compare('our collection_keys', own.keys, theirs.keys)
  compare('our platform token', hexBytes(own.platform.bytes), hexBytes(theirs.platform.bytes))
  compare('our header', hexBytes(own.realm.protectedHeader), hexBytes(theirs.realm.protectedHeader))
  compare('our signature_len', own.realm.signature.length, theirs.realm.signature.length)
  const key = byteString(own.realm.claims.get(CLAIM.rak), 'our attestation key')
  compare('our signature is valid', isSignedBy(own.realm, keyOf(key)), true)
  compare('our claims', withoutKey(own.realm), withoutKey(theirs.realm))
}

/** A payload with the attestation key blanked: everything else of it, byte for byte. */
function withoutKey({ payload, claims }: OpenSign1): string {
  const key = hexBytes(byteString(claims.get(CLAIM.rak), 'the attestation key'))
  return hexBytes(payload).replace(key, '-'.repeat(key.length))
}
