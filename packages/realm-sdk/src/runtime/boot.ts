import { decodeBlob, type Policy } from '@mica/policy'
import { PSCI_SYSTEM_OFF } from '@mica/rmm/abi'
import type { Duplex } from '../channel.ts'
import type { PeerDeclaration } from '../declaration.ts'
import { type OpenedEnd, openEnd } from '../endpoint.ts'
import type { GroupEvidenceOptions, RealmContext, RealmProgram } from '../realm.ts'
import { ChannelEnd } from '../ring/channel-end.ts'
import { channelBase, isInaccessible, realmMemory } from './channel-memory.ts'
import { difference } from './expected-policy.ts'
import type { Instructions } from './instructions.ts'
import { creditOf, groupStatus, memoryIndex, signalsOf } from './lifecycle.ts'
import { readPolicyRegion } from './policy-region.ts'
import {
  attestationToken,
  extendMeasurement,
  groupEvidence,
  hostCall,
  leave,
  now,
  rejoin,
  revoke,
  uploadPolicy,
} from './rsi.ts'
import { RunLoop } from './run-loop.ts'

/** Options of {@link boot}. */
export interface BootOptions {
  /** A failure is thrown from the idle vector, which halts the PE, instead of powering the Realm off. */
  readonly debug?: boolean | undefined
}

/**
 * Starts a Realm: takes the policy, checks it against what the program was written for, uploads it, opens the channels
 * and runs the program. Whatever happens, the Realm powers off at the end.
 *
 * @returns The idle vector: the completion value of an image's script.
 */
export function boot<D extends PeerDeclaration>(
  program: RealmProgram<D>,
  instructions: Instructions,
  options: BootOptions = {},
): () => void {
  const loop = new RunLoop(instructions)
  const powerOff = (): void => {
    instructions.smc([PSCI_SYSTEM_OFF])
  }
  const failed = options.debug === true ? (failure: unknown) => loop.fail(failure) : powerOff
  run(program, instructions, loop).then(powerOff, failed)
  return () => loop.idle()
}

async function run<D extends PeerDeclaration>(
  program: RealmProgram<D>,
  instructions: Instructions,
  loop: RunLoop,
): Promise<void> {
  const policy = takePolicy(program.declaration, instructions)
  const ends = openChannels(program.declaration, policy, instructions, loop)
  // Whoever waits for what this Realm wrote last is told; whoever waits for it to read finds that it is not there any more.
  const finishAll = async (failed: boolean): Promise<void> => {
    await Promise.allSettled([...ends.values()].map((end) => end.finish(failed)))
    loop.flush()
    for (const end of ends.values()) end.giveUp()
  }
  try {
    await program.main(contextOf<D>(ends, policy, instructions))
  } catch (failure) {
    await finishAll(true)
    throw failure
  }
  await finishAll(false)
}

/**
 * Gives this Realm the policy that the host handed it, if it is the one the program expects.
 *
 * @throws Error when it is not, when a channel is open before the policy is in force, or when the monitor refuses it.
 */
function takePolicy(expected: PeerDeclaration, instructions: Instructions): Policy {
  const blob = readPolicyRegion(instructions)
  if (blob === undefined) throw new Error('the policy region holds no policy')
  const decoded = decodeBlob(blob)
  if (decoded.kind === 'refused') throw new Error('the policy region holds no valid policy')
  const { policy } = decoded
  const differs = difference(expected, policy)
  if (differs !== undefined) throw new Error(differs)
  for (const { name, kind } of Object.values(expected.channels)) {
    const base = channelBase(policy, name)
    if (base === undefined) throw new Error(`the policy does not say where channel ${name} lies`)
    // Memory that answers before a policy is in force is not the shared memory that the policy is about.
    if (kind === 'protected' && !isInaccessible(instructions, base)) {
      throw new Error(`channel ${name} is open before the policy is in force`)
    }
  }
  uploadPolicy(instructions, blob)
  return policy
}

function openChannels(
  declaration: PeerDeclaration,
  policy: Policy,
  instructions: Instructions,
  loop: RunLoop,
): ReadonlyMap<string, OpenedEnd> {
  const ends = new Map<string, OpenedEnd>()
  for (const channel of Object.values(declaration.channels)) {
    const base = channelBase(policy, channel.name)
    // Memory that is only executed carries no messages, and memory nobody writes has no lanes.
    const carries = /[rw]/.test(channel.rights) && channel.writers.length > 0
    if (base === undefined || !carries) continue
    const memory = realmMemory(instructions, base, channel.granules * 4096)
    const index = policy.memories.findIndex(({ name }) => name === channel.name)
    const credit = creditOf(instructions, index, channel, loop)
    const end = new ChannelEnd(memory, channel, declaration.peer, { credit })
    ends.set(channel.name, openEnd(channel, end, loop, signalsOf(instructions, index, channel)))
  }
  return ends
}

function contextOf<D extends PeerDeclaration>(
  ends: ReadonlyMap<string, OpenedEnd>,
  policy: Policy,
  instructions: Instructions,
): RealmContext<D> {
  const channels: Record<string, Duplex> = {}
  for (const [name, end] of ends) channels[name] = end.channel
  const context = {
    channels,
    transitions: {
      hostCall: (request: Parameters<typeof hostCall>[1]) => hostCall(instructions, request),
      measure: (index: number, value: Uint8Array) => extendMeasurement(instructions, index, value),
      now: () => now(instructions),
    },
    attest: async (challenge: Uint8Array) => attestationToken(instructions, challenge),
    attestGroup: async (challenge: Uint8Array, options?: GroupEvidenceOptions) =>
      groupEvidence(instructions, challenge, options),
    status: () => groupStatus(instructions, policy),
    leave: (channel?: string) => leave(instructions, memoryIndex(policy, channel)),
    rejoin: (channel?: string) => rejoin(instructions, memoryIndex(policy, channel)),
    revoke: async (channel: string, challenge: Uint8Array) =>
      revoke(instructions, memoryIndex(policy, channel), challenge),
    entropy: (length: number) => instructions.rndr(length),
  }
  // The object can do everything; the type shows what the declaration grants. What goes around the type is stopped by
  // stage 2 and by the monitor.
  return context as unknown as RealmContext<D>
}
