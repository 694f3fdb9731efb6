import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { toHex } from '../bytes.ts'
import { COORDINATE_LENGTH, type EcPublicKey } from './key.ts'
import type { SignatureVerifier, SigningAlgorithm } from './signature.ts'

const HASH: Readonly<Record<SigningAlgorithm, string>> = { ES256: 'SHA-256', ES384: 'SHA-384', ES512: 'SHA-512' }

/**
 * Verifies with WebCrypto, which every browser has and which answers later than it is asked.
 *
 * `judge` is run until it needs no answer that is not there yet: whatever it asks for the first time is answered with
 * no, and checked before the next run. So nothing is ever taken for signed before it is known to be, and the result is
 * the one of another implementation.
 *
 * @param judge Any verification, with the implementation it is given: the same calls with the same answers each time.
 */
export async function withWebCrypto<Result>(judge: (signatures: SignatureVerifier) => Result): Promise<Result> {
  const answers = new Map<string, boolean>()
  for (;;) {
    const asked = new Map<string, () => Promise<boolean>>()
    const result = judge(answering(answers, asked))
    if (asked.size === 0) return result
    await Promise.all([...asked].map(async ([question, check]) => answers.set(question, await check())))
  }
}

/** Answers what is known, and notes what is not. */
function answering(
  answers: ReadonlyMap<string, boolean>,
  asked: Map<string, () => Promise<boolean>>,
): SignatureVerifier {
  const answer = (question: string, check: () => Promise<boolean>): boolean => {
    const known = answers.get(question)
    if (known === undefined) asked.set(question, check)
    return known ?? false
  }
  return {
    name: 'WebCrypto',
    isOnCurve(key) {
      if (!isRegular(key)) return false
      return answer(`key ${named(key)}`, async () => (await importKey(key)) !== undefined)
    },
    verify(algorithm, key, message, signature) {
      const length = 2 * COORDINATE_LENGTH[key.curve]
      if (!isRegular(key) || signature.length !== length) return false
      const signed = toHex(sha256(concatBytes(signature, message)))
      return answer(`${algorithm} ${named(key)} ${signed}`, () => check(algorithm, key, message, signature))
    },
  }
}

const isRegular = ({ curve, x, y }: EcPublicKey): boolean =>
  x.length === COORDINATE_LENGTH[curve] && y.length === COORDINATE_LENGTH[curve]

const named = ({ curve, x, y }: EcPublicKey): string => `${curve} ${toHex(x)} ${toHex(y)}`

/** The types of WebCrypto have no names where only those of Node are known. */
type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Importing checks that the point lies on its curve. */
async function importKey({ curve, x, y }: EcPublicKey): Promise<ImportedKey | undefined> {
  const point = new Uint8Array(concatBytes(Uint8Array.of(0x04), x, y))
  try {
    return await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: curve }, false, ['verify'])
  } catch {
    return undefined
  }
}

async function check(
  algorithm: SigningAlgorithm,
  key: EcPublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const imported = await importKey(key)
  if (imported === undefined) return false
  const how = { name: 'ECDSA', hash: HASH[algorithm] }
  try {
    return await crypto.subtle.verify(how, imported, new Uint8Array(signature), new Uint8Array(message))
  } catch {
    return false
  }
}
