import type { GeneralRegisters } from '@mica/hw-sim'
import * as abi from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult, type RsiCommand } from '../rsi/result.ts'
import { systemOff } from './system-off.ts'

/** Answers PSCI 1.1. */
function version(): CallResult {
  return answer(abi.PSCI_VERSION_1_1)
}

/** Says of a function identifier whether it is implemented. PSCI_VERSION is not asked for: the recorded firmware denies it. */
function features(_monitor: Monitor, _rec: Rec, x: GeneralRegisters): CallResult {
  const asked = Number(x[1])
  const known = asked === Number(abi.PSCI_FEATURES) || (PSCI_COMMANDS.has(asked) && asked !== Number(abi.PSCI_VERSION))
  return answer(known ? abi.PSCI_SUCCESS : abi.PSCI_NOT_SUPPORTED)
}

/** The Power State Coordination Interface of a Realm, by function identifier. What is not here is not supported. */
export const PSCI_COMMANDS: ReadonlyMap<number, RsiCommand> = new Map<number, RsiCommand>([
  [Number(abi.PSCI_VERSION), version],
  [Number(abi.PSCI_FEATURES), features],
  [Number(abi.PSCI_SYSTEM_OFF), systemOff],
])

/** Whether an identifier is PSCI's: function numbers 0x00 to 0x1f of the standard service range, SMC32 or SMC64. */
export function isPsciFunction(fid: number): boolean {
  return (fid >= 0x8400_0000 && fid <= 0x8400_001f) || (fid >= 0xc400_0000 && fid <= 0xc400_001f)
}
