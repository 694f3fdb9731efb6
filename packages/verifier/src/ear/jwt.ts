import { utf8ToBytes } from '@noble/hashes/utils.js'
import { importJWK, jwtVerify } from 'jose'
import { signEcdsa } from '#sign-ecdsa'
import { equalBytes, fromBase64Url, toBase64Url } from '../bytes.ts'
import type { EcJwk, EcPrivateJwk } from '../cose/key.ts'
import type { EarClaims } from './ear.ts'
import { type EarReading, readEar } from './read.ts'
import type { ResultAlgorithm } from './sign-ecdsa.ts'

/** The algorithms of results, by the curve of the key. */
const ALGORITHM: ReadonlyMap<string, ResultAlgorithm> = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
])

/** Characters of a result that is looked at: raw evidence may be in it. */
const SIZE_LIMIT = 4 * 1024 * 1024

/**
 * Signs a result as a JWT, ES256 or ES384 by the curve of the key.
 * @throws TypeError on a key of another curve, which is the caller's mistake.
 */
export async function signEar(claims: EarClaims, key: EcPrivateJwk): Promise<string> {
  const alg = ALGORITHM.get(key.crv)
  if (alg === undefined) throw new TypeError('results are signed with a key of P-256 or P-384')
  const signed = `${base64UrlJson({ alg, typ: 'JWT' })}.${base64UrlJson(claims)}`
  return `${signed}.${toBase64Url(await signEcdsa(alg, key, utf8ToBytes(signed)))}`
}

const base64UrlJson = (value: object): string => toBase64Url(utf8ToBytes(JSON.stringify(value)))

/** What a reader of results asks of one. */
export interface EarExpectations {
  /** When it is read; now by default. Matters only for results that expire. */
  readonly at?: Date | undefined
  /** The nonce that it must answer. Absent: not compared. */
  readonly nonce?: Uint8Array | undefined
  /** Profiles beside those that are known, spelled as Veraison's. */
  readonly profiles?: readonly string[] | undefined
}

/**
 * Verifies a result that somebody signed, and reads it. No text makes it throw.
 *
 * The algorithm follows from the key: whatever the header says, `none` and HMACs are refused, and keys that a token
 * brings with it are not looked at.
 *
 * @returns Refused, in this order: too large; signature or expiry; content; another nonce.
 */
export async function verifyEar(jwt: string, key: EcJwk, expected: EarExpectations = {}): Promise<EarReading> {
  if (jwt.length > SIZE_LIMIT) return { kind: 'refused', reason: 'the result is too large' }
  const claims = await signedClaims(jwt, key, expected.at ?? new Date())
  if (claims === undefined) return { kind: 'refused', reason: 'the result is expired, or not signed by this key' }
  const reading = readEar(claims, expected.profiles)
  if (reading.kind === 'refused' || expected.nonce === undefined) return reading
  return isNonce(reading.ear.nonce, expected.nonce) ? reading : { kind: 'refused', reason: 'it answers another nonce' }
}

async function signedClaims(jwt: string, { kty, crv, x, y }: EcJwk, at: Date): Promise<EarClaims | undefined> {
  const alg = ALGORITHM.get(crv)
  if (alg === undefined) return undefined
  try {
    const key = await importJWK({ kty, crv, x, y }, alg)
    const { payload } = await jwtVerify(jwt, key, { algorithms: [alg], currentDate: at })
    return payload
  } catch {
    return undefined
  }
}

/** Verifiers write a nonce with padding and without. */
function isNonce(text: string | undefined, nonce: Uint8Array): boolean {
  const bytes = text === undefined ? undefined : fromBase64Url(text.replace(/=+$/, ''))
  return bytes !== undefined && equalBytes(bytes, nonce)
}
