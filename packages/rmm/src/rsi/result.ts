import type { GeneralRegisters } from '@mica/hw-sim'
import { RSI_ERROR_INPUT, RSI_ERROR_STATE, RSI_SUCCESS } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { RecExit } from '../rec/exit.ts'
import type { PendingOperation, Rec } from '../rec/rec.ts'

/** What a call of a Realm leads to. */
export type CallResult =
  /** The guest goes on with x0, and outputs from x1 on; x1 to x3 are zero if not outputs. */
  | { readonly kind: 'return'; readonly x0: bigint; readonly out: readonly bigint[] }
  /** The call met memory that the host has to provide first: an exit, and the call is made again. */
  | { readonly kind: 'fault'; readonly ipa: number; readonly level: number }
  /** The host takes part. The guest goes on with x0 when it is entered again and `pending` is done. */
  | {
      readonly kind: 'exit'
      readonly exit: RecExit
      readonly x0: bigint
      readonly pending: PendingOperation
      /** Carried out if the exit happens; not if the policy blocks it. */
      readonly commit?: () => void
    }

/** One command of a Realm's interface. It reads x1 on; the dispatcher writes results. */
export type RsiCommand = (monitor: Monitor, rec: Rec, x: GeneralRegisters) => CallResult

export function answer(x0: bigint, ...out: bigint[]): CallResult {
  return { kind: 'return', x0, out }
}

export function rsiSuccess(...out: bigint[]): CallResult {
  return answer(RSI_SUCCESS, ...out)
}

export function rsiInputError(): CallResult {
  return answer(RSI_ERROR_INPUT)
}

export function rsiStateError(): CallResult {
  return answer(RSI_ERROR_STATE)
}

/** Writes what a call returned into the caller's registers. */
export function writeResult(x: GeneralRegisters, x0: bigint, out: readonly bigint[]): void {
  x[0] = x0
  x.fill(0n, 1, 4)
  for (let i = 0; i < out.length; i++) x[i + 1] = out[i]!
}
