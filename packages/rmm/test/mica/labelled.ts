import { encodePolyV1, type Memory, type Policy, type Transition } from '@mica/policy'
import { LINK_GRANULE } from '../attacks/arena.ts'

/** What a policy with labels says that differs from {@link labelled}'s. */
export interface LabelledParts {
  peers: { name: string; label: number; gateway: boolean; strict: boolean }[]
  memories: Memory[]
  transitions: Transition[]
}

/** `POLY` v1 of one end of the arena's channel, as an author of the prototype would have written it. */
export function labelled(self: 'left' | 'right', change?: (parts: LabelledParts) => void): Uint8Array {
  return wireOf(labelledPolicy(self, change))
}

/** The policy of {@link labelled} as it stands before it is written. */
export function labelledPolicy(self: 'left' | 'right', change?: (parts: LabelledParts) => void): Policy {
  const peer = (name: string, label: number) => ({ name, label, gateway: false, strict: false })
  const parts: LabelledParts = {
    peers: [peer('VM1', 1), peer('VM2', 2)],
    memories: [
      {
        name: 'Mem1',
        kind: 'protected',
        granules: 1,
        mappings: [
          { peer: 0, rights: 2, ipaGranule: LINK_GRANULE },
          { peer: 1, rights: 1, ipaGranule: LINK_GRANULE },
        ],
        paced: false,
      },
    ],
    transitions: [],
  }
  change?.(parts)
  return { self: self === 'left' ? 0 : 1, ...parts, peers: parts.peers.map((one) => ({ ...one, rims: [] })) }
}

/** A policy as `POLY` v1. */
export function wireOf(policy: Policy): Uint8Array {
  const encoded = encodePolyV1(policy)
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  return encoded.blob
}
