import { RMI_EXIT_PSCI, type RmiRecExit } from '../../src/abi/index.ts'
import type { GuestWorld, Word } from '../conditions.ts'
import { type RealmWorld, realmWorld } from '../small-world.ts'

/** MPIDRs of a Realm with three RECs: the one that calls, one that is off, one that is on. */
export const SELF = 0
export const OFF = 1
export const ON = 2

/** A world in which the first of those RECs calls, with these arguments. */
export function psciWorld(args: readonly Word[] = []): RealmWorld & GuestWorld {
  const made = realmWorld({ recs: [{}, { runnable: false }, {}] }, () => args)
  return { ...made, rec: made.realm.recs[SELF]! }
}

/** The exit record of a PSCI call: these registers of it, and nothing else of the Realm. */
export function psciExit(...gprs: readonly bigint[]): Partial<RmiRecExit> {
  const registers = [...gprs, ...Array.from({ length: 31 - gprs.length }, () => 0n)]
  return { exit_reason: RMI_EXIT_PSCI, gprs: registers, esr: 0n, far: 0n, hpfar: 0n, imm: 0 }
}
