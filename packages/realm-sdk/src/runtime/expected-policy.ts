import type { Policy } from '@mica/policy'
import type { ChannelDeclaration, PeerDeclaration } from '../declaration.ts'
import { declareCalls, declareChannels } from '../declare.ts'

/**
 * How a policy differs from what the code was written against.
 *
 * A host can hand any blob to a Realm. One that says something else about this Realm's own channels and calls is not
 * uploaded: the code would run with other rights than its author saw.
 *
 * @returns One line, or `undefined` when they agree.
 */
export function difference(expected: PeerDeclaration, policy: Policy): string | undefined {
  const self = policy.peers[policy.self]
  if (self?.name !== expected.peer) return `the policy is for ${self?.name}, not for ${expected.peer}`
  const channels = declareChannels(policy, policy.self)
  for (const [name, channel] of Object.entries(expected.channels)) {
    const actual = channels[name]
    if (actual === undefined) return `the policy has no channel ${name}`
    const field = differingField(channel, actual)
    if (field !== undefined) return `${field} of channel ${name} differs`
  }
  const extra = Object.keys(channels).find((name) => expected.channels[name] === undefined)
  if (extra !== undefined) return `the policy has another channel, ${extra}`
  const calls = declareCalls(policy, policy.self)
  return String(calls) === String(expected.calls) ? undefined : `the policy grants ${calls.join(', ') || 'no calls'}`
}

const channelFields: readonly (keyof ChannelDeclaration)[] = [
  'name',
  'kind',
  'rights',
  'granules',
  'paced',
  'ends',
  'writers',
  'readers',
]

function differingField(a: ChannelDeclaration, b: ChannelDeclaration): string | undefined {
  // Names hold no comma, so a list is equal to another exactly if it prints the same.
  return channelFields.find((field) => String(a[field]) !== String(b[field]))
}
