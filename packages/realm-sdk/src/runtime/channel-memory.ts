import type { Policy } from '@mica/policy'
import type { ChannelMemory } from '../memory.ts'
import { type Instructions, SYNCHRONOUS_EXTERNAL_ABORT } from './instructions.ts'
import { UNPROTECTED_BASE } from './memory-map.ts'

const GRANULE = 4096

/**
 * Where a channel of this Realm lies.
 *
 * @returns `undefined` when the policy has no such channel or leaves its place to the host.
 */
export function channelBase(policy: Policy, name: string): number | undefined {
  const memory = policy.memories.find((candidate) => candidate.name === name)
  const granule = memory?.mappings.find((mapping) => mapping.peer === policy.self)?.ipaGranule
  if (memory === undefined || granule === undefined || granule === null) return undefined
  return granule * GRANULE + (memory.kind === 'unprotected' ? UNPROTECTED_BASE : 0)
}

/** Memory of the Realm at an address, as a channel uses it. Stage 2 decides on every access. */
export function realmMemory(instructions: Instructions, base: number, length: number): ChannelMemory {
  return {
    length,
    load: (offset, count) => instructions.load(base + offset, count),
    store: (offset, bytes) => instructions.store(base + offset, bytes),
    load32: (offset) => instructions.load32(base + offset),
    store32: (offset, value) => instructions.store32(base + offset, value),
  }
}

/** Whether a load at this address is refused. */
export function isInaccessible(instructions: Instructions, ipa: number): boolean {
  try {
    instructions.load32(ipa)
    return false
  } catch (fault) {
    if (fault instanceof Error && fault.name === SYNCHRONOUS_EXTERNAL_ABORT) return true
    throw fault
  }
}
