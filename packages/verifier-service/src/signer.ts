import { generateKeyPairSync } from 'node:crypto'
import { type EcJwk, type EcPrivateJwk, type FileReading, keyFromJwk, type VerifierId } from '@mica/verifier'
import { isRecord, parseJson } from './json.ts'

/** Who signs results. Instances that share sessions share the key. */
export interface Signer {
  readonly verifier: VerifierId
  readonly key: EcPrivateJwk
}

const ALGORITHM: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384' }

/** The public half of a signing key, as discovery shows it. */
export function publicKeyOf({ key: { kty, crv, x, y } }: Signer): EcJwk & { readonly alg: string } {
  // INVARIANT: a signing key was read or made by this module, so its curve has an algorithm.
  return { kty, crv, x, y, alg: ALGORITHM[crv]! }
}

/** A new signing key of P-256. */
export function newSigningKey(): EcPrivateJwk {
  const {
    crv = '',
    x = '',
    y = '',
    d = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  })
  return { kty: 'EC', crv, x, y, d }
}

/** Reads a private JWK of P-256 or P-384. Members that it does not need are passed over. */
export function readSigningKey(text: string): FileReading<EcPrivateJwk> {
  const json = parseJson(text)
  if (!isRecord(json)) return { kind: 'refused', reason: 'a signing key is a JWK' }
  const [kty, crv, x, y, d] = ['kty', 'crv', 'x', 'y', 'd'].map((name) => json[name])
  if (kty !== 'EC' || typeof crv !== 'string' || ALGORITHM[crv] === undefined)
    return { kind: 'refused', reason: 'results are signed with a key of P-256 or P-384' }
  if (typeof x !== 'string' || typeof y !== 'string' || keyFromJwk({ kty, crv, x, y }) === undefined)
    return { kind: 'refused', reason: 'its public half is no point of the curve' }
  if (typeof d !== 'string') return { kind: 'refused', reason: 'it is the public half only' }
  return { kind: 'read', value: { kty, crv, x, y, d } }
}
