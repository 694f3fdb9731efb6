import { decodeBlob } from '../blob/decode.ts'
import { describeFact } from '../facts.ts'
import type { Policy } from '../model.ts'

/**
 * The policy of a member.
 *
 * @throws TypeError if its blob is not one that `decodeBlob` takes: the monitor froze what it accepted, and readers of
 *   groups have looked at every blob before.
 */
export function ownPolicy(blob: Uint8Array): Policy {
  const decoded = decodeBlob(blob)
  if (decoded.kind === 'policy') return decoded.policy
  throw new TypeError(`group member with a refused policy: ${describeFact(decoded.fact)}`)
}
