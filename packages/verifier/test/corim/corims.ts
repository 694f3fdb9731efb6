import { generateKeyPairSync, sign } from 'node:crypto'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { keyFromJwk } from '../../src/cose/key.ts'
import type { EcJwk, EcPublicKey } from '../../src/index.ts'

/** Manifests made for tests: small, whole, and with every part in reach of a change. */

export const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)
export const tag = (number: number, value: CborValue): CborValue => ({ tag: number, value })
export const map = (...entries: readonly (readonly [number | string, CborValue])[]) => new Map(entries)

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const SIGNER_PEM: string = publicKey.export({ format: 'pem', type: 'spki' }).toString()
export const SIGNER_JWK = publicKey.export({ format: 'jwk' }) as unknown as EcJwk
/** The key that {@link signedCorim} signs with, unless told otherwise. */
export const SIGNER: EcPublicKey = keyFromJwk(SIGNER_JWK)!

export const IMPLEMENTATION = bytes(32, 7)
export const INSTANCE = Uint8Array.of(1, ...bytes(32, 9))
export const PLATFORM_PROFILE = 'tag:arm.com,2025:endorsements/cca_platform#1.0.0'
export const REALM_PROFILE = 'tag:arm.com,2025:endorsements/cca_realm#1.0.0'

/** A CoRIM of `profile` with one CoMID of `triples`. Further entries of the manifest come last. */
export function corim(
  profile: string | undefined,
  triples: ReadonlyMap<number | string, CborValue>,
  ...more: readonly (readonly [number, CborValue])[]
): Uint8Array {
  const comid = encodeCbor(map([1, map([0, bytes(16, 1)])], [4, triples]))
  const profileEntry = profile === undefined ? [] : [[3, tag(32, profile)] as const]
  return encodeCbor(tag(501, map([0, 'test'], [1, [tag(506, comid)]], ...profileEntry, ...more)))
}

export const component = (name: string, values: readonly (readonly [number, CborValue])[] = []): CborValue =>
  map(
    [0, 'cca.software-component'],
    [1, map([2, [[1, bytes(32, 3)]]], [11, name], [13, [tag(560, bytes(32, 5))]], ...values)],
  )
export const config = (raw: CborValue = tag(563, [bytes(4, 1), bytes(4, 255)])): CborValue =>
  map([0, 'cca.platform-config'], [1, map([4, raw])])
export const platformClass = map([0, map([0, tag(560, IMPLEMENTATION)])])
export const platformInstance = map([0, map([0, tag(560, IMPLEMENTATION)])], [1, tag(550, INSTANCE)])

/** A manifest of one platform: its key, a component and a configuration. */
export const platformCorim = (): Uint8Array =>
  corim(
    PLATFORM_PROFILE,
    map([0, [[platformClass, [component('BL'), config()]]]], [3, [[platformInstance, [tag(554, SIGNER_PEM)]]]]),
  )

export const register = (name: string, value = 3): CborValue => map([0, name], [1, map([2, [[1, bytes(32, value)]]])])

/** A manifest of one Realm: all its registers, and its personalization value. */
export const realmCorim = (
  registers: readonly CborValue[] = [
    ...['rim', 'rem0', 'rem1', 'rem2', 'rem3'].map((name) => register(`cca.${name}`)),
    map([0, 'cca.rpv'], [1, map([4, tag(560, bytes(64, 2))])]),
  ],
): Uint8Array => corim(REALM_PROFILE, map([0, [[map([0, map([0, tag(560, bytes(32, 3))])]), registers]]]))

/** A manifest signed with ES256. `header` replaces entries of the protected header. */
export function signedCorim(
  payload: Uint8Array,
  header: readonly (readonly [number, CborValue])[] = [],
  key: typeof privateKey = privateKey,
): Uint8Array {
  const protectedBytes = encodeCbor(map([1, -7], [3, 'application/rim+cbor'], ...header))
  const message = encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload])
  const signature = new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))
  return encodeCbor(tag(18, [protectedBytes, new Map(), payload, signature]))
}
