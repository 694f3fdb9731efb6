import type { BlobDecoding } from '../blob/decode.ts'
import { DEFAULT_LIMITS, type PolicyLimits } from '../limits.ts'
import type { Policy } from '../model.ts'
import { checkWellFormed } from '../well-formed.ts'
import { decodePolyV1 } from './decode.ts'

/**
 * Reads `POLY` v1 as another spelling of a policy of format 2: what `encodeBlob` makes of the result is what is frozen,
 * measured and reported. Never throws.
 *
 * Labels are left out, since 32 bits that anyone may claim are no identity: every peer, Self too, is one without
 * measurement. So is the order of ids, which means nothing. Addresses count from the start of their half, as everywhere;
 * one of the prototype's that names the half as well lies beyond every half, and is refused.
 * @param bytes A private copy: not memory that somebody else may write meanwhile.
 */
export function translatePolyV1(bytes: Uint8Array, limits: PolicyLimits = DEFAULT_LIMITS): BlobDecoding {
  const decoded = decodePolyV1(bytes)
  if (decoded.kind === 'refused') return decoded
  const { self, peers, memories, transitions } = decoded.policy
  const policy: Policy = {
    self,
    peers: peers.map(({ name, gateway, strict }) => ({ name, gateway, strict, rims: [] })),
    memories,
    transitions: transitions.map(({ peer, class: of, action, ranges }) => ({ peer, class: of, action, ranges })),
  }
  const fact = checkWellFormed(policy, limits)
  return fact === undefined ? { kind: 'policy', policy } : { kind: 'refused', fact }
}
