import type { HashAlgorithm, Policy } from '@mica/policy'
import { encodeCbor } from '@mica/policy/cbor'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'

// The hash chain of a member, as the monitor keeps it: H(head || CBOR [what, index of the memory]), from zeroes.
const JOIN = 1
const REVOKE = 3

const hashOf = (algorithm: HashAlgorithm) => (algorithm === 'sha-256' ? sha256 : sha512)

const extended = (algorithm: HashAlgorithm, head: Uint8Array, what: number, memory: number): Uint8Array =>
  hashOf(algorithm)(concatBytes(head, encodeCbor([what, memory])))

/** The head of a member's chain from a revocation on, by the one before it. */
export const headAfterRevocation = (algorithm: HashAlgorithm, before: Uint8Array, memory: number): Uint8Array =>
  extended(algorithm, before, REVOKE, memory)

/** The head of a member that has neither left nor lost anything since its upload: the joins that its policy asks for. */
export function initialHead(algorithm: HashAlgorithm, { self, memories }: Policy): Uint8Array {
  let head: Uint8Array = new Uint8Array(hashOf(algorithm).outputLen)
  for (const [index, { kind, mappings }] of memories.entries()) {
    const isOwn = kind === 'protected' && mappings.some(({ peer }) => peer === self)
    if (isOwn) head = extended(algorithm, head, JOIN, index)
  }
  return head
}
