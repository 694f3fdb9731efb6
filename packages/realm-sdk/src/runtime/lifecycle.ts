import type { Policy } from '@mica/policy'
import type { ChannelDeclaration } from '../declaration.ts'
import type { ChannelSignals } from '../endpoint.ts'
import type { GroupStatus } from '../realm.ts'
import type { Credit } from '../ring/progress.ts'
import type { Waits } from '../wait.ts'
import type { Instructions } from './instructions.ts'
import { channelInfo, giveCredit, giveUp, notify, policyStatus } from './rsi.ts'

/** Bits of a word of the status. */
const WORD_BITS = 64n

/**
 * The index in the policy of a channel, or `undefined` for all of them.
 *
 * @throws RangeError when the policy has no such channel.
 */
export function memoryIndex(policy: Policy, channel: string): number
export function memoryIndex(policy: Policy, channel: string | undefined): number | undefined
export function memoryIndex(policy: Policy, channel: string | undefined): number | undefined {
  if (channel === undefined) return undefined
  const index = policy.memories.findIndex(({ name }) => name === channel)
  if (index < 0) throw new RangeError(`the policy has no channel ${channel}`)
  return index
}

/** What the monitor offers for a channel; nothing for one with the host. */
export function signalsOf(
  instructions: Instructions,
  memory: number,
  { kind }: ChannelDeclaration,
): ChannelSignals | undefined {
  if (kind === 'unprotected') return undefined
  return {
    notify: () => void notify(instructions, memory),
    others: () => channelInfo(instructions, memory)?.others,
    giveUp: () => giveUp(instructions, memory),
  }
}

/** How credit for a paced channel goes to and fro; nothing for one that is not. */
export function creditOf(
  instructions: Instructions,
  memory: number,
  { paced }: ChannelDeclaration,
  waits: Waits,
): Credit | undefined {
  if (!paced) return undefined
  let given = 0
  let owed = 0
  // Once each time the PE comes to rest: the monitor takes one a quantum, and every attempt is a call.
  const give = (): void => {
    if (given < owed && giveCredit(instructions, memory)) given++
  }
  return {
    received: () => channelInfo(instructions, memory)?.credits ?? 0,
    owe: (credits) => {
      owed = credits
      if (given < owed) waits.soon(give)
    },
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
