import { blobDigest, hash } from '../blob/digest.ts'
import { RIM_BYTES } from '../blob/layout.ts'
import type { GroupMember } from './group.ts'

/** Digests of the policies of a group, each computed once however many members share one blob. */
export class PolicyDigests {
  readonly #known = new Map<string, Map<Uint8Array, Uint8Array>>()

  of({ blob, hashAlgorithm }: Pick<GroupMember, 'blob' | 'hashAlgorithm'>): Uint8Array {
    const digests = this.#known.get(hashAlgorithm) ?? new Map<Uint8Array, Uint8Array>()
    this.#known.set(hashAlgorithm, digests)
    const digest = digests.get(blob) ?? blobDigest(blob, hashAlgorithm)
    digests.set(blob, digest)
    return digest
  }

  /**
   * The extensible measurements that a policy alone leaves: REM[0] = H(0 || digest), the others zero.
   * @see RMM design, "Upload", step 8
   */
  remsOfPolicy(member: GroupMember): readonly Uint8Array[] {
    const size = RIM_BYTES[member.hashAlgorithm]
    const extended = new Uint8Array(size * 2)
    extended.set(this.of(member), size)
    return [hash(member.hashAlgorithm, extended), new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)]
  }
}
