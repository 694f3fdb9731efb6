import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** Certificates made for tests, with every part in reach of a change. */

/** One DER element. */
export function der(tag: number, ...content: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = Buffer.concat(content.map((part) => Uint8Array.from(part)))
  const size = body.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Uint8Array.of(tag, ...length, ...body)
}

export const text = (tag: number, value: string): Uint8Array => der(tag, Buffer.from(value))
export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts)
const name = (common: string): Uint8Array =>
  sequence(der(0x31, sequence(der(0x06, [0x55, 0x04, 0x03]), text(0x0c, common))))

export interface Party {
  readonly name: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export const party = (common: string, namedCurve = 'P-256'): Party => ({
  name: common,
  ...generateKeyPairSync('ec', { namedCurve }),
})

/** What a certificate of a test says beside whose it is. */
export interface Certified {
  readonly validity?: readonly [string, string]
  /** Extensions after the one that says whether it is of an authority. */
  readonly more?: readonly Uint8Array[]
  readonly pathLength?: number
  readonly hash?: 'sha256' | 'sha384' | 'sha512'
  readonly version?: number
  /** Identifier of an algorithm that it claims to be signed with. */
  readonly algorithm?: Uint8Array
}

/** An extension of the certificate extensions arc 2.5.29. */
export const extension = (id: number, value: Uint8Array, critical = false): Uint8Array =>
  sequence(der(0x06, [0x55, 0x1d, id]), ...(critical ? [der(0x01, [0xff])] : []), der(0x04, value))
/** Key usage, by the bits of its first byte. */
export const keyUsage = (bits: number): Uint8Array => extension(15, der(0x03, [0, bits]), true)
export const subjectKeyId = (id: number): Uint8Array => extension(14, der(0x04, [id]))
export const authorityKeyId = (id: number): Uint8Array => extension(35, sequence(der(0x80, [id])))

const LAST_ARC = { sha256: 2, sha384: 3, sha512: 4 }

/** An X.509 certificate for `subject`, by `issuer`; of a certification authority if `ca`. */
export function certificate(subject: Party, issuer: Party, ca: boolean, certified: Certified = {}): Uint8Array {
  const { validity = ['20250101000000Z', '20301231000000Z'], more = [], pathLength, hash = 'sha256' } = certified
  const ecdsa = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, LAST_ARC[hash]]))
  const { algorithm = ecdsa } = certified
  const [from, to] = validity.map((time) => text(time.length === 15 ? 0x18 : 0x17, time))
  const length = pathLength === undefined ? [] : [der(0x02, [pathLength])]
  const constraints = ca ? sequence(der(0x01, [0xff]), ...length) : sequence()
  const body = sequence(
    der(0xa0, der(0x02, [certified.version ?? 2])),
    der(0x02, [1]),
    algorithm,
    name(issuer.name),
    sequence(from!, to!),
    name(subject.name),
    new Uint8Array(subject.publicKey.export({ format: 'der', type: 'spki' })),
    der(0xa3, sequence(extension(19, constraints, true), ...more)),
  )
  const signature = new Uint8Array(sign(hash, body, issuer.privateKey))
  return sequence(body, algorithm, der(0x03, [0], signature))
}
