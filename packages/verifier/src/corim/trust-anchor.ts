import { type CborValue, decodeUtf8 } from '@mica/policy/cbor'
import { type EcJwk, keyFromJwk } from '../cose/key.ts'
import { keyFromPem, keyToJwk } from '../cose/spki.ts'
import type { TrustAnchor } from '../endorsements/trust-anchors.ts'
import { short } from '../findings.ts'
import { isEcJwk, parseJson } from '../json.ts'
import { readPlatformInstance } from './environment.ts'
import { type Reading, tagged } from './reading.ts'

/** Forms of a key (CoMID crypto-key-type-choice): PEM of a SubjectPublicKeyInfo, a certificate, or bytes. */
const TAG_PKIX_KEY = 554
const TAG_PKIX_CERTIFICATE = 555
const TAG_BYTES = 560

/** Reads an attest-key triple `[environment, [key]]`: the attestation key of one platform. */
export function readTrustAnchor(reading: Reading, triple: readonly CborValue[]): TrustAnchor | undefined {
  const platform = readPlatformInstance(reading, triple[0])
  const keys = reading.list(triple[1], 'the list of keys')
  if (platform === undefined || keys === undefined) return undefined
  if (keys.length > 1) return reading.refuse('a platform has more than one attestation key')
  const key = readKey(reading, keys[0])
  return key === undefined ? undefined : { name: `instance ${short(platform.instanceId)}`, ...platform, key }
}

function readKey(reading: Reading, value: CborValue | undefined): EcJwk | undefined {
  const pem = tagged(value, TAG_PKIX_KEY)
  if (typeof pem === 'string') {
    const key = keyFromPem(pem)
    return key === undefined ? reading.refuse('an attestation key is no PEM of an EC public key') : keyToJwk(key)
  }
  if (tagged(value, TAG_PKIX_CERTIFICATE) !== undefined)
    return reading.refuse('an attestation key is a certificate, which no CCA profile has')
  const json = tagged(value, TAG_BYTES)
  const jwk = json instanceof Uint8Array ? parseJson(decodeUtf8(json) ?? '') : undefined
  if (!isEcJwk(jwk) || keyFromJwk(jwk) === undefined)
    return reading.refuse('an attestation key is neither 554(PEM) nor 560(JWK of an EC key)')
  return { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y }
}
