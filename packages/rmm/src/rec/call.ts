import { type GeneralRegisters, type Guest, SMC_UNKNOWN } from '@mica/hw-sim'
import {
  PSCI_DENIED,
  PSCI_NOT_SUPPORTED,
  psciFunctionName,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  rsiCommandName,
  rsiStatusName,
  SMCCC_VERSION,
  SMCCC_VERSION_1_2,
} from '../abi/index.ts'
import { hex } from '../event-text.ts'
import type { Monitor } from '../monitor.ts'
import { isPsciFunction, PSCI_COMMANDS } from '../psci/commands.ts'
import { RSI_COMMANDS } from '../rsi/commands.ts'
import { answer, type CallResult, writeResult } from '../rsi/result.ts'
import { emulatedAbort } from './abort.ts'
import { advancePc } from './exception.ts'
import type { RecExit } from './exit.ts'
import { functionIdentifier } from './function-identifier.ts'
import type { Rec } from './rec.ts'
import { emitExit, isBlocked } from './transition.ts'

/** Function identifiers of RSI, the extension's included. */
const RSI_FIRST = 0xc400_0190
const RSI_LAST = 0xc400_01cf

/**
 * Handles an SMC of a guest, whose registers hold function and arguments.
 *
 * @returns The exit that it leads to, or `undefined` if the guest just goes on.
 */
export function handleCall(monitor: Monitor, rec: Rec, guest: Guest): RecExit | undefined {
  const { x } = guest
  const fid = functionIdentifier(x)
  const decision = rec.realm.policy?.transition('call', fid)
  if (decision?.action === 'block') {
    writeResult(x, refusalOf(fid), [])
    advancePc(guest)
    emitExit(monitor, rec, { class: 'call', id: fid, record: {} }, decision)
    return undefined
  }
  const result = perform(monitor, rec, x, fid)
  switch (result.kind) {
    case 'return':
      writeResult(x, result.x0, result.out)
      advancePc(guest)
      emitCall(monitor, rec, fid, result.x0)
      return undefined
    case 'exit':
      // An exit may belong to another transition than the call that leads to it.
      result.commit?.()
      x[0] = result.x0
      rec.pending = result.pending
      advancePc(guest)
      return result.exit
    case 'fault': {
      const exit = emulatedAbort(result.ipa, result.level)
      // The guest stays where it is: it calls again when the host has provided the memory.
      if (!isBlocked(monitor, rec, exit)) return exit
      writeResult(x, RSI_ERROR_INPUT, [])
      advancePc(guest)
      return undefined
    }
  }
}

function perform(monitor: Monitor, rec: Rec, x: GeneralRegisters, fid: number): CallResult {
  // The recorded firmware knows the hint that `fid` is free of, but not of PSCI.
  const w0 = Number(x[0]! & 0xffff_ffffn)
  const command = RSI_COMMANDS.get(fid) ?? monitor.extension?.rsi.get(fid) ?? PSCI_COMMANDS.get(w0)
  if (command !== undefined) return command(monitor, rec, x)
  if (BigInt(fid) === SMCCC_VERSION) return answer(SMCCC_VERSION_1_2)
  return answer(isPsciFunction(fid) ? PSCI_NOT_SUPPORTED : SMC_UNKNOWN)
}

/** What a blocked call returns, in the vocabulary of its interface. */
function refusalOf(fid: number): bigint {
  if (isPsciFunction(fid)) return PSCI_DENIED
  return fid >= RSI_FIRST && fid <= RSI_LAST ? RSI_ERROR_STATE : SMC_UNKNOWN
}

function emitCall(monitor: Monitor, rec: Rec, fid: number, x0: bigint): void {
  if (!monitor.events.enabled) return
  const rsi = rsiCommandName(BigInt(fid))
  const command = rsi ?? psciFunctionName(BigInt(fid)) ?? hex(fid)
  const status = rsi === undefined ? hex(x0) : rsiStatusName(x0)
  monitor.events.emit({ event: 'rsi', rec: hex(rec.address), rd: hex(rec.realm.rd), command, status })
}
