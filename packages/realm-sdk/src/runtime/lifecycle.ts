import type { Policy } from '@mica/policy'
import type { ChannelDeclaration } from '../declaration.ts'
import type { ChannelSignals } from '../endpoint.ts'
import type { GroupStatus } from '../realm.ts'
import type { Instructions } from './instructions.ts'
import { giveCredit, notify, policyStatus, receivedCredits } from './rsi.ts'

/** Bits of a word of the status. */
const WORD_BITS = 64n

/**
 * The index in the policy of a channel, or `undefined` for all of them.
 *
 * @throws RangeError when the policy has no such channel.
 */
export function memoryIndex(policy: Policy, channel: string | undefined): number | undefined {
  if (channel === undefined) return undefined
  const index = policy.memories.findIndex(({ name }) => name === channel)
  if (index < 0) throw new RangeError(`the policy has no channel ${channel}`)
  return index
}

/** What the monitor offers for a channel; nothing for one with the host. */
export function signalsOf(
  instructions: Instructions,
  policy: Policy,
  { name, kind }: ChannelDeclaration,
): ChannelSignals | undefined {
  const memory = policy.memories.findIndex((candidate) => candidate.name === name)
  if (kind === 'unprotected') return undefined
  return {
    notify: () => notify(instructions, memory),
    credit: () => giveCredit(instructions, memory),
    credits: () => receivedCredits(instructions, memory),
  }
}

/** How a Realm stands in its group: RSI_MICA_POLICY_STATUS in the words of its policy. */
export function groupStatus(instructions: Instructions, policy: Policy): GroupStatus {
  const { digest, memories, held, missing_ram, notified } = policyStatus(instructions)
  const isNotified = (index: number): boolean => {
    const word = notified[Math.floor(index / Number(WORD_BITS))] ?? 0n
    return ((word >> (BigInt(index) % WORD_BITS)) & 1n) === 1n
  }
  return {
    policyDigest: digest,
    channels: Number(memories),
    held: Number(held),
    missingPages: Number(missing_ram),
    notified: policy.memories.flatMap(({ name }, index) => (isNotified(index) ? [name] : [])),
  }
}
