import { createHash, createPublicKey } from 'node:crypto'
import type { Compare } from '../trace/difference.ts'
import { hexBytes } from '../trace/text.ts'
import type { SignedDescription, TokenDescription } from './description.ts'
import { asJson, byteString, decode, type OpenSign1, openToken } from './open-token.ts'
import { isSignedBy, keyOf } from './signature.ts'

/** Claims whose values the descriptions repeat. */
export const CLAIM = { challenge: 10, rpv: 44235, rak: 44237, hashAlgorithm: 44236, rim: 44238, rems: 44239 } as const

/**
 * Compares a recorded token with its description.
 *
 * @param platformKey PEM of the key that signed the platform token, if it is recorded.
 */
export function checkRecorded(
  compare: Compare,
  token: TokenDescription,
  bytes: Uint8Array,
  platformKey: string | undefined,
): void {
  compare('size', bytes.length, token.size)
  compare('sha256', sha256(bytes), token.sha256)
  const { tag, keys, platform, realm } = openToken(bytes)
  compare('tag', tag, token.tag)
  compare('collection_keys', keys, token.collection_keys)
  compareSigned(compare, 'realm_token', realm, token.realm_token)
  compareSigned(compare, 'platform_token', platform, token.platform_token)
  compare('claim_order', [...realm.claims.keys()], token.realm_token.claim_order)
  const rak = byteString(realm.claims.get(CLAIM.rak), 'the attestation key')
  compare('rak_cose_key', asJson(decode(rak, 'the attestation key')), token.realm_token.rak_cose_key)
  compare('signature_valid_with_rak', isSignedBy(realm, keyOf(rak)), token.realm_token.signature_valid_with_rak)
  const nonce = platform.claims.get(CLAIM.challenge)
  compare(
    'nonce_is_sha256_of_rak_cose_key',
    nonce instanceof Uint8Array && hexBytes(nonce) === sha256(rak),
    token.platform_token.nonce_is_sha256_of_rak_cose_key,
  )
  if (token.platform_token.sha256 !== undefined) {
    compare('platform_token.sha256', sha256(platform.bytes), token.platform_token.sha256)
  }
  if (platformKey !== undefined) {
    compare('signature of the platform token is valid', isSignedBy(platform, createPublicKey(platformKey)), true)
  }
  const inputs = [CLAIM.challenge, CLAIM.rpv, CLAIM.hashAlgorithm, CLAIM.rim, CLAIM.rems]
  compare(
    'inputs',
    inputs.map((label) => asJson(realm.claims.get(label) ?? null)),
    [
      { hex: token.challenge },
      { hex: token.rpv },
      token.hash_algo,
      { hex: token.rim },
      token.rem.map((hex) => ({ hex })),
    ],
  )
}

function compareSigned(compare: Compare, what: string, signed: OpenSign1, described: SignedDescription): void {
  compare(`${what}.cose_tag`, signed.tag, described.cose_tag)
  compare(`${what}.protected_hex`, hexBytes(signed.protectedHeader), described.protected_hex)
  compare(`${what}.protected`, asJson(decode(signed.protectedHeader, 'a header')), described.protected)
  compare(`${what}.unprotected`, asJson(signed.unprotected), described.unprotected)
  compare(`${what}.signature_len`, signed.signature.length, described.signature_len)
  compare(`${what}.claims`, asJson(signed.claims), described.claims)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
