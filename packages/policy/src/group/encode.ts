import { decodeBlob } from '../blob/decode.ts'
import { bodyValue } from '../blob/encode.ts'
import { encodeCbor } from '../cbor/encode.ts'
import { type CborKey, type CborValue, compareBytes, equalBytes } from '../cbor/value.ts'
import type { Channel } from '../compatible/set.ts'
import { describeFact } from '../facts.ts'
import type { Policy } from '../model.ts'
import { bytesKey } from '../policy-index.ts'
import { PolicyDigests } from './digests.ts'
import { GROUP_FORMAT, GROUP_KEY, type Group, type GroupMember, HASH_CODE } from './group.ts'
import { groupOrder } from './order.ts'

/**
 * The canonical bytes of a group (claim -75010): members in `groupOrder`, each distinct policy once without Self and
 * with the measurements of members as indices, channels sorted. The same for every order in which members, channels
 * and holders are given.
 *
 * @throws TypeError if a blob is not one that `decodeBlob` takes: the monitor froze what it accepted.
 */
export function encodeGroup(group: Group): Uint8Array {
  const digests = new PolicyDigests()
  const order = groupOrder(group, digests)
  const members = order.map((index) => group.members[index]!)
  const lowest = new Map<string, number>()
  for (const [index, { rim }] of members.entries()) if (!lowest.has(bytesKey(rim))) lowest.set(bytesKey(rim), index)
  const bodies = new BodyTable((rim) => lowest.get(bytesKey(rim)) ?? rim)
  const encodedMembers = members.map((member) => memberValue(member, bodies, digests))
  const position = new Map(order.map((index, place) => [index, place]))
  const map = new Map<CborKey, CborValue>([
    [GROUP_KEY.format, GROUP_FORMAT],
    [GROUP_KEY.bodies, bodies.all],
    [GROUP_KEY.members, encodedMembers],
    [GROUP_KEY.channels, channelsValue(group.channels, position)],
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
  readonly #indices = new Map<string, number>()
  readonly #places = new Map<Uint8Array, BodyPlace>()

  constructor(form: (rim: Uint8Array) => CborValue) {
    this.#form = form
  }

  /** The body of a blob and the Self that was taken out of it; blobs that are one object are looked at once. */
  placeOf(blob: Uint8Array): BodyPlace {
    const known = this.#places.get(blob)
    if (known !== undefined) return known
    const decoded = decodeBlob(blob)
    if (decoded.kind === 'refused') {
      throw new TypeError(`group member with a refused policy: ${describeFact(decoded.fact)}`)
    }
    const place = { body: this.#indexOf(decoded.policy), self: decoded.policy.self }
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
  const { rim, rpv, rems, hashAlgorithm, chainHead } = member
  const { body, self } = bodies.placeOf(member.blob)
  return [
    rim,
    rpv === undefined || rpv.every((byte) => byte === 0) ? null : rpv,
    rems === undefined || isOfPolicy(rems, digests.remsOfPolicy(member)) ? null : rems,
    HASH_CODE[hashAlgorithm],
    body,
    self,
    digests.of(member),
    chainHead ?? null,
  ]
}

function isOfPolicy(rems: readonly Uint8Array[], expected: readonly Uint8Array[]): boolean {
  return rems.length === expected.length && rems.every((rem, index) => equalBytes(rem, expected[index]!))
}

function channelsValue(channels: readonly Channel[], position: ReadonlyMap<number, number>): CborValue {
  const values = channels.map(({ holders }) => {
    const placed = holders.map(({ member, memory }) => [position.get(member)!, memory] as const)
    return placed.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  })
  const encoded = values.map((value) => ({ value, bytes: encodeCbor(value) }))
  return encoded.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ value }) => value)
}
