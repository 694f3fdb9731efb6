import { RIM_BYTES } from '../blob/layout.ts'
import type { CborValue } from '../cbor/value.ts'
import { RPV_BYTES } from '../limits.ts'
import type { ShapeReader } from '../shape.ts'
import { type GroupMember, HASH_OF, REMS } from './group.ts'

/** What is said of a member beside its policy, of which there is the digest. */
export interface MeasuredMember extends Omit<GroupMember, 'blob'> {
  readonly digest: Uint8Array
}

/** The fields of a member as they are written, in whatever order they stand. */
export interface WrittenMember {
  readonly rim: CborValue | undefined
  readonly rpv: CborValue | undefined
  readonly rems: CborValue | undefined
  readonly algorithm: CborValue | undefined
  readonly digest: CborValue | undefined
  readonly chainHead: CborValue | undefined
}

/** Reads what is said of a member: sizes follow from its hash algorithm, null stands for what is left out. */
export function readMeasuredMember(
  reader: ShapeReader,
  { rim, rpv, rems, algorithm, digest, chainHead }: WrittenMember,
  where: string,
): MeasuredMember {
  const hashAlgorithm = reader.word(algorithm, `${where} hash algorithm`, HASH_OF)
  const sizes = [RIM_BYTES[hashAlgorithm]]
  return {
    rim: reader.bytes(rim, `${where} measurement`, sizes),
    hashAlgorithm,
    digest: reader.bytes(digest, `${where} policy digest`, sizes),
    ...(rpv === null ? {} : { rpv: reader.bytes(rpv, `${where} personalization value`, [RPV_BYTES]) }),
    ...(rems === null
      ? {}
      : {
          rems: reader
            .array(rems, `${where} extensible measurements`, REMS, REMS)
            .map((rem) => reader.bytes(rem, `${where} extensible measurement`, sizes)),
        }),
    ...(chainHead === null ? {} : { chainHead: reader.bytes(chainHead, `${where} chain head`, sizes) }),
  }
}
