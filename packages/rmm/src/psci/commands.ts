import type { GeneralRegisters } from '@mica/hw-sim'
import * as abi from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult, type RsiCommand } from '../rsi/result.ts'
import { affinityInfo } from './affinity-info.ts'
import { cpuOff } from './cpu-off.ts'
import { cpuOn } from './cpu-on.ts'
import { cpuSuspend } from './cpu-suspend.ts'
import { systemOff } from './system-off.ts'

/** Answers PSCI 1.1. */
function version(): CallResult {
  return answer(abi.PSCI_VERSION_1_1)
}

/**
 * Says whether the function whose identifier is in w1 is implemented. SMCCC_VERSION is; PSCI_VERSION the recorded
 * firmware denies.
 */
function features(_monitor: Monitor, _rec: Rec, x: GeneralRegisters): CallResult {
  const asked = x[1]! & 0xffff_ffffn
  const known = asked === abi.SMCCC_VERSION || (asked !== abi.PSCI_VERSION && PSCI_COMMANDS.has(Number(asked)))
  return answer(known ? abi.PSCI_SUCCESS : abi.PSCI_NOT_SUPPORTED)
}

/**
 * The Power State Coordination Interface of a Realm, by function identifier. What is not here is not supported. Both
 * forms of a function take whole registers, as in the recorded firmware.
 */
export const PSCI_COMMANDS: ReadonlyMap<number, RsiCommand> = new Map<number, RsiCommand>(
  (
    [
      [abi.PSCI_VERSION, version],
      [abi.PSCI_CPU_SUSPEND_32, cpuSuspend],
      [abi.PSCI_CPU_SUSPEND_64, cpuSuspend],
      [abi.PSCI_CPU_OFF, cpuOff],
      [abi.PSCI_CPU_ON_32, cpuOn],
      [abi.PSCI_CPU_ON_64, cpuOn],
      [abi.PSCI_AFFINITY_INFO_32, affinityInfo],
      [abi.PSCI_AFFINITY_INFO_64, affinityInfo],
      [abi.PSCI_SYSTEM_OFF, systemOff],
      [abi.PSCI_SYSTEM_RESET, systemOff],
      [abi.PSCI_FEATURES, features],
    ] as const
  ).map(([fid, run]) => [Number(fid), run]),
)

/** Whether an identifier is PSCI's: function numbers 0x00 to 0x1f of the standard service range, SMC32 or SMC64. */
export function isPsciFunction(fid: number): boolean {
  return (fid >= 0x8400_0000 && fid <= 0x8400_001f) || (fid >= 0xc400_0000 && fid <= 0xc400_001f)
}
