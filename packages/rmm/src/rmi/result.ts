import type { GeneralRegisters } from '@mica/hw-sim'
import {
  RMI_ERROR_INPUT,
  RMI_ERROR_REALM,
  RMI_ERROR_REC,
  RMI_ERROR_RTT,
  RMI_SUCCESS,
  type RmiStatus,
} from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'

/** What a command answers: status and index in x0, outputs from x1 on. */
export interface RmiResult {
  readonly status: RmiStatus
  readonly index: number
  /** x1 to x4, those that the command produces; -1 becomes all ones. */
  readonly out: readonly number[]
}

/**
 * x1 to x6 as numbers. A register of 2^53 or more loses low bits on the way, but never becomes small: it is out of
 * every range that a command accepts, as before. What may be negative, a level or a status, is read from the registers.
 */
export type RmiArguments = readonly [x1: number, x2: number, x3: number, x4: number, x5: number, x6: number]

/** One command of the host's interface. */
export type RmiCommand = (monitor: Monitor, x: RmiArguments, registers: GeneralRegisters) => RmiResult

export function success(...out: number[]): RmiResult {
  return { status: RMI_SUCCESS, index: 0, out }
}

/** RMI_ERROR_INPUT: an argument is wrong whatever the state of the Realm. */
export function inputError(...out: number[]): RmiResult {
  return { status: RMI_ERROR_INPUT, index: 0, out }
}

/** RMI_ERROR_REALM: the Realm is in the wrong state; `index` says more where the specification does. */
export function realmError(index = 0): RmiResult {
  return { status: RMI_ERROR_REALM, index, out: [] }
}

/** RMI_ERROR_REC: the REC is in the wrong state. */
export function recError(): RmiResult {
  return { status: RMI_ERROR_REC, index: 0, out: [] }
}

/** RMI_ERROR_RTT: a walk stopped at `level`, or found something else there. */
export function rttError(level: number, ...out: number[]): RmiResult {
  return { status: RMI_ERROR_RTT, index: level, out }
}
