import { encodeCbor } from '../cbor/encode.ts'
import { type CborValue, compareBytes } from '../cbor/value.ts'
import type { Channel } from '../compatible/set.ts'
import { PolicyDigests } from './digests.ts'
import type { Group } from './group.ts'
import { groupOrder } from './order.ts'

/**
 * A group in canonical order: members by `groupOrder`, the holders of each channel by member and memory, channels by
 * their encoding. Members stay the objects that they were.
 */
export function sortGroup(group: Group, digests: PolicyDigests = new PolicyDigests()): Group {
  const order = groupOrder(group, digests)
  const position = new Map(order.map((index, place) => [index, place]))
  const channels = group.channels.map(({ holders }) => {
    const placed = holders.map(({ member, memory }) => ({ member: position.get(member)!, memory }))
    const channel = { holders: placed.sort((a, b) => a.member - b.member || a.memory - b.memory) }
    return { channel, bytes: encodeCbor(channelValue(channel)) }
  })
  return {
    members: order.map((index) => group.members[index]!),
    channels: channels.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ channel }) => channel),
  }
}

/** A channel as it is written: who holds it. */
export function channelValue({ holders }: Channel): CborValue {
  return holders.map(({ member, memory }) => [member, memory])
}
