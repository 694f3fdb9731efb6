import { equalBytes, toHex } from '../bytes.ts'
import type { EcPublicKey } from './key.ts'
import type { SignatureVerifier, SigningAlgorithm } from './signature.ts'

/** Signatures that are remembered unless said otherwise: platforms a verifier meets within a power cycle of each. */
const CAPACITY = 1024

/** A signature that was good, but for its own bytes. */
interface GoodSignature {
  readonly algorithm: SigningAlgorithm
  readonly key: EcPublicKey
  readonly message: Uint8Array
}

/**
 * Remembers which signatures were good. The platform token of a machine is the same in all evidence of one power cycle,
 * and is half the cost of verifying it.
 *
 * Nothing goes stale: what is remembered is that a key has signed a message, which stays true. Whether the key is still
 * believed, and what the message says, is decided anew each time.
 *
 * @param capacity Good signatures that are remembered; the one that came first is forgotten first.
 */
export function rememberSignatures(signatures: SignatureVerifier, capacity: number = CAPACITY): SignatureVerifier {
  const good = new Map<string, GoodSignature>()
  return {
    name: `${signatures.name}, remembered`,
    isOnCurve: (key) => signatures.isOnCurve(key),
    verify(algorithm, key, message, signature) {
      const name = toHex(signature)
      const known = good.get(name)
      if (known !== undefined && isSame(known, algorithm, key, message)) return true
      if (!signatures.verify(algorithm, key, message, signature)) return false
      // Copies: what was verified must not change under the memory of it.
      const { curve, x, y } = key
      good.set(name, { algorithm, key: { curve, x: x.slice(), y: y.slice() }, message: message.slice() })
      if (good.size > capacity) forgetOldest(good)
      return true
    },
  }
}

function isSame(known: GoodSignature, algorithm: SigningAlgorithm, key: EcPublicKey, message: Uint8Array): boolean {
  const sameKey = known.key.curve === key.curve && equalBytes(known.key.x, key.x) && equalBytes(known.key.y, key.y)
  return known.algorithm === algorithm && sameKey && equalBytes(known.message, message)
}

/** A map keeps the order in which its entries came. */
function forgetOldest(good: Map<string, GoodSignature>): void {
  for (const oldest of good.keys()) {
    good.delete(oldest)
    return
  }
}
