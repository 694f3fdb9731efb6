import { bodyValue } from '../blob/encode.ts'
import { encodeCbor } from '../cbor/encode.ts'
import type { CborKey, CborValue } from '../cbor/value.ts'
import type { Policy } from '../model.ts'
import { bytesKey } from '../policy-index.ts'
import { writtenRems, writtenRpv } from './abbreviated.ts'
import { PolicyDigests } from './digests.ts'
import { GROUP_FORMAT, GROUP_KEY, type Group, type GroupMember, HASH_CODE } from './group.ts'
import { ownPolicy } from './own-policy.ts'
import { channelValue, sortGroup } from './sort.ts'

/**
 * The canonical bytes of a group (claim -75010): members in `groupOrder`, each distinct policy once without Self and
 * with the measurements of members as indices, channels sorted. The same for every order in which members, channels
 * and holders are given.
 *
 * @param policies What blobs of the group say, where that is known: the others are decoded.
 * @throws TypeError if a blob is not one that `decodeBlob` takes: the monitor froze what it accepted.
 */
export function encodeGroup(group: Group, policies: ReadonlyMap<Uint8Array, Policy> = new Map()): Uint8Array {
  const digests = new PolicyDigests()
  const { members, channels } = sortGroup(group, digests)
  const lowest = new Map<string, number>()
  for (const [index, { rim }] of members.entries()) if (!lowest.has(bytesKey(rim))) lowest.set(bytesKey(rim), index)
  const bodies = new BodyTable((rim) => lowest.get(bytesKey(rim)) ?? rim, policies)
  const encodedMembers = members.map((member) => memberValue(member, bodies, digests))
  const map = new Map<CborKey, CborValue>([
    [GROUP_KEY.format, GROUP_FORMAT],
    [GROUP_KEY.bodies, bodies.all],
    [GROUP_KEY.members, encodedMembers],
    [GROUP_KEY.channels, channels.map(channelValue)],
  ])
  return encodeCbor(map)
}

/** Where a member's policy stands. */
interface BodyPlace {
  readonly body: number
  readonly self: number
}

/** Distinct policies without Self, in order of first use. */
class BodyTable {
  readonly all: Uint8Array[] = []
  readonly #form: (rim: Uint8Array) => CborValue
  readonly #policies: ReadonlyMap<Uint8Array, Policy>
  readonly #indices = new Map<string, number>()
  readonly #places = new Map<Uint8Array, BodyPlace>()

  constructor(form: (rim: Uint8Array) => CborValue, policies: ReadonlyMap<Uint8Array, Policy>) {
    this.#form = form
    this.#policies = policies
  }

  /** The body of a blob and the Self that was taken out of it; blobs that are one object are looked at once. */
  placeOf(blob: Uint8Array): BodyPlace {
    const known = this.#places.get(blob)
    if (known !== undefined) return known
    const policy = this.#policies.get(blob) ?? ownPolicy(blob)
    const place = { body: this.#indexOf(policy), self: policy.self }
    this.#places.set(blob, place)
    return place
  }

  #indexOf(policy: Policy): number {
    const body = encodeCbor(bodyValue(policy, this.#form))
    const key = bytesKeyOfLong(body)
    const index = this.#indices.get(key) ?? this.all.push(body) - 1
    this.#indices.set(key, index)
    return index
  }
}

// Spreading 64 KiB into one call is near the limit of arguments.
function bytesKeyOfLong(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += 4096) parts.push(bytesKey(bytes.subarray(start, start + 4096)))
  return parts.join('')
}

function memberValue(member: GroupMember, bodies: BodyTable, digests: PolicyDigests): CborValue {
  const { body, self } = bodies.placeOf(member.blob)
  return [
    member.rim,
    writtenRpv(member),
    writtenRems(member, digests),
    HASH_CODE[member.hashAlgorithm],
    body,
    self,
    digests.of(member),
    member.chainHead ?? null,
  ]
}
