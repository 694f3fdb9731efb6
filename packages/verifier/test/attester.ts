import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import type { EcJwk } from '../src/cose/key.ts'
import type { TrustAnchor } from '../src/endorsements/trust-anchors.ts'

/**
 * A test attester: it signs whatever claims it is given, right or wrong, with keys of its own and `node:crypto`. It
 * shares with the verifier only the encoder, which the vectors check.
 */
export type Claims = Map<number, CborValue>

export interface Attester {
  readonly trustAnchor: TrustAnchor
  readonly rakBytes: Uint8Array
  /** Claims of a good platform token, which binds the Realm attestation key. */
  platformClaims(): Claims
  /** Claims of a good token of one Realm. */
  realmClaims(challenge: Uint8Array): Claims
  /** A token of both halves; `tag` 907 wraps them as CMW records. */
  token(platform: Claims, realm: Claims, tag?: 399 | 907): Uint8Array
  sign(half: 'platform' | 'realm', payload: Uint8Array): CborValue
}

export const ES384 = -35
export const IMPLEMENTATION = new Uint8Array(32).fill(0xa1)
export const INSTANCE = Uint8Array.of(1, ...new Uint8Array(32).fill(0xb2))
export const COMPONENTS = [
  { type: 'BL', measurement: new Uint8Array(32).fill(1), signerId: new Uint8Array(32).fill(0x51) },
  { type: 'RMM', measurement: new Uint8Array(32).fill(2), signerId: new Uint8Array(32).fill(0x52) },
]
export const CONFIG = Uint8Array.of(0xcf, 0xcf, 0xcf, 0xcf)

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest())
const base64url = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))

export function publicJwk(key: KeyObject): EcJwk {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  return { kty: 'EC', crv: jwk.crv!, x: jwk.x!, y: jwk.y! }
}

/** A fixed key for each name, so that failures are reproducible. */
export function privateKey(name: string): KeyObject {
  const d = createHash('sha384').update(name).digest()
  d[0] = 0
  const prefix = Buffer.from('303e0201010430', 'hex')
  const der = Buffer.concat([prefix, d, Buffer.from('a00706052b81040022', 'hex')])
  return createPrivateKey({ key: der, format: 'der', type: 'sec1' })
}

export function sign1(key: KeyObject, payload: Uint8Array, headers: Claims = new Map([[1, ES384]])): CborValue {
  const protectedBytes = encodeCbor(headers)
  const toSign = encodeCbor(['Signature1', protectedBytes, new Uint8Array(), payload])
  const signature = new Uint8Array(sign('sha384', toSign, { key, dsaEncoding: 'ieee-p1363' }))
  return { tag: 18, value: [protectedBytes, new Map(), payload, signature] }
}

export function attester(): Attester {
  const cpak = privateKey('cpak')
  const rak = privateKey('rak')
  const { crv: _, x, y } = publicJwk(rak)
  const rakBytes = encodeCbor(
    new Map<number, CborValue>([
      [1, 2],
      [-1, 2],
      [-2, base64url(x)],
      [-3, base64url(y)],
    ]),
  )
  const sign = (half: 'platform' | 'realm', payload: Uint8Array) => sign1(half === 'platform' ? cpak : rak, payload)
  return {
    trustAnchor: { name: 'test', implementationId: IMPLEMENTATION, instanceId: INSTANCE, key: publicJwk(cpak) },
    rakBytes,
    sign,
    platformClaims: () =>
      new Map<number, CborValue>([
        [265, 'tag:arm.com,2023:cca_platform#1.0.0'],
        [10, sha256(rakBytes)],
        [2396, IMPLEMENTATION],
        [256, INSTANCE],
        [2401, CONFIG],
        [2395, 0x3003],
        [2402, 'sha-256'],
        [
          2399,
          COMPONENTS.map(
            (c) =>
              new Map<number, CborValue>([
                [1, c.type],
                [2, c.measurement],
                [5, c.signerId],
              ]),
          ),
        ],
      ]),
    realmClaims: (challenge) =>
      new Map<number, CborValue>([
        [10, challenge],
        [265, 'tag:arm.com,2023:realm#1.0.0'],
        [44235, new Uint8Array(64)],
        [44236, 'sha-256'],
        [44237, rakBytes],
        [44238, new Uint8Array(32).fill(0x11)],
        [44239, [0, 1, 2, 3].map(() => new Uint8Array(32))],
        [44240, 'sha-256'],
      ]),
    token(platform, realm, tag = 907) {
      const halves = [sign('platform', encodeCbor(platform)), sign('realm', encodeCbor(realm))].map(encodeCbor)
      const wrap = (bytes: Uint8Array): CborValue => (tag === 907 ? [263, bytes] : bytes)
      return encodeCbor({
        tag,
        value: new Map([
          [44234, wrap(halves[0]!)],
          [44241, wrap(halves[1]!)],
        ]),
      })
    },
  }
}

/** `map` with `entries` set, or removed where the value is `undefined`. */
export function withClaims(map: Claims, entries: Readonly<Record<number, CborValue | undefined>>): Claims {
  const copy = new Map(map)
  for (const [label, value] of Object.entries(entries)) {
    if (value === undefined) copy.delete(Number(label))
    else copy.set(Number(label), value)
  }
  return copy
}

/** A key pair of another curve, for mismatches. */
export const p256Key = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
