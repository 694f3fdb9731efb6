import type { Memory } from '@mica/policy'
import type { AttackStage } from './stage.ts'

/** Bytes of a granule. */
export const GRANULE = 4096

/** What an adversary is after, in every attack. */
export const SECRET = 0x5ec7_e75e_c7e7_5ec7n

/** A memory between named peers only, with the addresses that its mappings have. */
export function closedMemories({ group }: AttackStage): readonly Memory[] {
  return group.memories.filter(
    ({ kind, mappings }) =>
      kind === 'protected' && mappings.every(({ peer, ipaGranule }) => peer !== null && ipaGranule !== null),
  )
}
