import { randomBytes } from 'node:crypto'
import { fromBase64 } from './base64.ts'
import { badNonce, type Problem } from './problem.ts'

/** Bytes of a session's nonce. */
export const NONCE_MINIMUM = 8
export const NONCE_LIMIT = 64
/** A multiple of three, so that its text has no padding, which half of the clients expect and the others refuse. */
export const NONCE_DEFAULT = 48

/** Candidates that are drawn at once, because asking for randomness takes longer than what is done with it. */
const CANDIDATES = 16

/**
 * A fresh nonce whose text is the same in standard base64 and in base64url: some clients decode the one, some the other.
 * Of 48 bytes one in eight qualifies, which leaves 381 of 384 bits to chance.
 *
 * @param size 8 to 64. One that is no multiple of three leaves padding in the text.
 */
export function mintNonce(size: number): Uint8Array {
  for (;;) {
    const drawn = randomBytes(size * CANDIDATES)
    for (let at = 0; at < drawn.length; at += size) {
      if (!/[+/]/.test(drawn.toString('base64', at, at + size))) return new Uint8Array(drawn.subarray(at, at + size))
    }
  }
}

/**
 * The nonce that a client asks a session for: its own, or a fresh one, of the size that it names or of 48 bytes.
 *
 * @param nonces,sizes The values of the two query parameters, of which at most one may be given, and once.
 */
export function nonceFor(
  nonces: readonly string[] | undefined,
  sizes: readonly string[] | undefined,
): Uint8Array | Problem {
  const [nonce, size] = [nonces?.[0], sizes?.[0]]
  if ((nonces?.length ?? 0) + (sizes?.length ?? 0) > 1)
    return badNonce('`nonce` or `nonceSize` is given, once, not both')
  if (nonce !== undefined) {
    const bytes = fromBase64(nonce)
    return bytes !== undefined && isSize(bytes.length) ? bytes : badNonce(`\`nonce\` is base64url of ${SIZES} bytes`)
  }
  if (size === undefined) return mintNonce(NONCE_DEFAULT)
  return /^[0-9]{1,2}$/.test(size) && isSize(Number(size))
    ? mintNonce(Number(size))
    : badNonce(`\`nonceSize\` is a number from ${SIZES}`)
}

const SIZES = `${NONCE_MINIMUM} to ${NONCE_LIMIT}`
const isSize = (length: number): boolean => length >= NONCE_MINIMUM && length <= NONCE_LIMIT
