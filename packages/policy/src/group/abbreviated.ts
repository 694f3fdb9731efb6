import type { CborValue } from '../cbor/value.ts'
import { equalBytes } from '../cbor/value.ts'
import type { PolicyDigests } from './digests.ts'
import type { GroupMember } from './group.ts'

/** The personalization value as it is written: null for none, which a Realm has as zeroes. */
export function writtenRpv({ rpv }: GroupMember): CborValue {
  return rpv === undefined || rpv.every((byte) => byte === 0) ? null : rpv
}

/** The extensible measurements as they are written: null where they follow from the policy. */
export function writtenRems(member: GroupMember, digests: PolicyDigests): CborValue {
  const { rems } = member
  if (rems === undefined) return null
  const expected = digests.remsOfPolicy(member)
  const follow = rems.length === expected.length && rems.every((rem, index) => equalBytes(rem, expected[index]!))
  return follow ? null : rems
}
