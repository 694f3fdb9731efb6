import { createECDH, createHash, createHmac } from 'node:crypto'

/** Order of the group of P-384 (FIPS 186-5, SEC 2 section 2.5.1). */
const N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n
const SCALAR_SIZE = 48

/**
 * Signs with ECDSA P-384 and SHA-384, with the nonce of RFC 6979, so that the same machine gives the same token bytes.
 *
 * SIMPLIFIED: big integers of the language do not run in constant time. The one key that signs here is published.
 *
 * @param privateKey Scalar, 48 bytes.
 * @returns r and s, 48 bytes each, as COSE has them.
 */
export function signP384(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = createHash('sha384').update(message).digest()
  const d = toInteger(privateKey)
  const e = toInteger(digest)
  for (const nonce of nonces(privateKey, digest)) {
    // The x coordinate of nonce * G: what an ECDH public key of that scalar begins with.
    const point = createECDH('secp384r1')
    point.setPrivateKey(nonce)
    const r = toInteger(point.getPublicKey().subarray(1, 1 + SCALAR_SIZE)) % N
    const s = (inverse(toInteger(nonce)) * (e + r * d)) % N
    if (r !== 0n && s !== 0n) return Buffer.concat([toBytes(r), toBytes(s)])
  }
  throw new Error('no signature: unreachable')
}

/**
 * A valid P-384 scalar, 48 bytes, out of uniform bytes: 72 of them make the bias of the reduction negligible
 * (FIPS 186-5, A.2.1).
 */
export function p384Scalar(uniform: Uint8Array): Uint8Array {
  return toBytes((toInteger(uniform) % (N - 1n)) + 1n)
}

/** Candidates for the nonce (RFC 6979 section 3.2, steps b to h; the order has as many bits as the digest). */
function* nonces(privateKey: Uint8Array, digest: Uint8Array): Generator<Uint8Array, void> {
  const mac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac('sha384', key)).digest()
  const reduced = toBytes(toInteger(digest) % N)
  let v: Uint8Array = new Uint8Array(SCALAR_SIZE).fill(1)
  let key: Uint8Array = new Uint8Array(SCALAR_SIZE)
  for (const round of [0, 1]) {
    key = mac(key, v, Uint8Array.of(round), privateKey, reduced)
    v = mac(key, v)
  }
  for (;;) {
    v = mac(key, v)
    const candidate = toInteger(v)
    if (candidate > 0n && candidate < N) yield v
    key = mac(key, v, Uint8Array.of(0))
    v = mac(key, v)
  }
}

/** The inverse of `a` modulo the group order, by the extended Euclidean algorithm. */
function inverse(a: bigint): bigint {
  let [r0, r1, t0, t1] = [N, a % N, 0n, 1n]
  while (r1 !== 0n) {
    const q = r0 / r1
    ;[r0, r1, t0, t1] = [r1, r0 - q * r1, t1, t0 - q * t1]
  }
  return ((t0 % N) + N) % N
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function toBytes(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(SCALAR_SIZE * 2, '0'), 'hex'))
}
