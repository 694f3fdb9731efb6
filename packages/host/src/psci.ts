import {
  PSCI_AFFINITY_INFO_32,
  PSCI_AFFINITY_INFO_64,
  PSCI_CPU_ON_32,
  PSCI_CPU_ON_64,
  PSCI_CPU_SUSPEND_32,
  PSCI_CPU_SUSPEND_64,
  PSCI_SUCCESS,
  RMI_PSCI_COMPLETE,
  recIndexOfMpidr,
} from '@mica/rmm/abi'
import type { NormalWorld } from './normal-world.ts'
import type { Vcpu } from './vcpu.ts'

/** What became of a virtual CPU that called PSCI, and which other one runs from now on. */
export interface PsciOutcome {
  /** Whether the caller can be entered again. */
  readonly goesOn: boolean
  readonly turnedOn?: Vcpu | undefined
}

/**
 * Serves a call by PSCI that the monitor let through: a Realm may do with its virtual CPUs what it likes.
 *
 * @param siblings The virtual CPUs of the caller's Realm, in the order in which their RECs were created.
 * @param gprs Function identifier and MPIDR, as the exit shows them.
 */
export function servePsci(
  world: NormalWorld,
  caller: Vcpu,
  siblings: readonly Vcpu[],
  gprs: readonly bigint[],
): PsciOutcome {
  const [fid, mpidr = 0n] = gprs
  switch (fid) {
    case PSCI_CPU_SUSPEND_32:
    case PSCI_CPU_SUSPEND_64:
      return { goesOn: true }
    case PSCI_CPU_ON_32:
    case PSCI_CPU_ON_64:
    case PSCI_AFFINITY_INFO_32:
    case PSCI_AFFINITY_INFO_64: {
      const target = siblings[recIndexOfMpidr(mpidr)]
      if (target === undefined) return { goesOn: false }
      world.demand(RMI_PSCI_COMPLETE, caller.rec, target.rec, PSCI_SUCCESS)
      const asksOnly = fid === PSCI_AFFINITY_INFO_32 || fid === PSCI_AFFINITY_INFO_64
      return { goesOn: true, turnedOn: asksOnly ? undefined : target }
    }
    default:
      return { goesOn: false }
  }
}
