import { equalBytes } from '../bytes.ts'
import { copiedKey, type EcPublicKey, isSameKey } from './key.ts'
import type { SignatureVerifier, SigningAlgorithm } from './signature.ts'

/** Signatures that are remembered unless said otherwise: platforms a verifier meets within a power cycle of each. */
const CAPACITY = 1024

/** A signature that was good. */
interface GoodSignature {
  readonly algorithm: SigningAlgorithm
  readonly key: EcPublicKey
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Remembers which signatures were good. The platform token of a machine is the same in all evidence of one power cycle,
 * and is half the cost of verifying it.
 *
 * Nothing goes stale: what is remembered is that a key has signed a message, which stays true. Whether the key is still
 * believed, and what the message says, is decided anew each time. A signature is remembered when it comes the second
 * time: those of Realms, which answer one challenge and never come again, push nothing out.
 *
 * @param capacity Good signatures that are remembered; the one that came first is forgotten first.
 */
export function rememberSignatures(signatures: SignatureVerifier, capacity: number = CAPACITY): SignatureVerifier {
  const good = new Map<string, GoodSignature>()
  const seen = new Sightings()
  return {
    name: `${signatures.name}, remembered`,
    isOnCurve: (key) => signatures.isOnCurve(key),
    verify(algorithm, key, message, signature) {
      const name = nameOf(signature)
      const known = good.get(name)
      if (known !== undefined && isSame(known, { algorithm, key, message, signature })) return true
      if (!signatures.verify(algorithm, key, message, signature)) return false
      if (!seen.again(signature)) return true
      // Copies: what was verified must not change under the memory of it.
      good.set(name, { algorithm, key: copiedKey(key), message: message.slice(), signature: signature.slice() })
      if (good.size > capacity) forgetOldest(good)
      return true
    },
  }
}

/** Bytes that tell signatures apart well enough to look one up. */
const NAME_LENGTH = 16
const nameOf = (signature: Uint8Array): string =>
  Reflect.apply(String.fromCharCode, undefined, signature.subarray(0, NAME_LENGTH))

function isSame(known: GoodSignature, asked: GoodSignature): boolean {
  const { algorithm, key, message, signature } = asked
  const sameText = equalBytes(known.signature, signature) && equalBytes(known.message, message)
  return known.algorithm === algorithm && isSameKey(known.key, key) && sameText
}

/**
 * Which signatures came lately, roughly: each overwrites one that fell into its place. A mistake costs a check that was
 * not needed, or memory for one signature; nothing is believed for it.
 */
class Sightings {
  readonly #marks = new Uint32Array(4096)

  /** Whether a signature came before, as far as is known; from now on it has. */
  again(signature: Uint8Array): boolean {
    const view = new DataView(signature.buffer, signature.byteOffset)
    const [place, mark] = [view.getUint32(0) % this.#marks.length, view.getUint32(4)]
    if (this.#marks[place] === mark) return true
    this.#marks[place] = mark
    return false
  }
}

/** A map keeps the order in which its entries came. */
function forgetOldest(good: Map<string, GoodSignature>): void {
  for (const oldest of good.keys()) {
    good.delete(oldest)
    return
  }
}
