import type { ScriptedCpu } from '@mica/hw-sim'
import {
  decodeRsiMicaPolicyStatus,
  RSI_MICA_POLICY_STATUS,
  RSI_SUCCESS,
  type RsiMicaPolicyStatus,
} from '../../src/abi/index.ts'
import { type Job, RAM, type ScriptedRealm } from '../scripted-host.ts'

/** What RSI_MICA_POLICY_STATUS tells a Realm. */
export function status(realm: ScriptedRealm): RsiMicaPolicyStatus {
  const { value } = realm.perform(function* (cpu) {
    const [x0] = yield* cpu.smc([RSI_MICA_POLICY_STATUS, BigInt(RAM)])
    if (x0 !== RSI_SUCCESS) throw new Error(`the status is refused with ${x0}`)
    return yield* cpu.load(RAM, 0x100)
  })
  return decodeRsiMicaPolicyStatus(value!)
}

/** Memories whose bit is set. */
export const notified = (realm: ScriptedRealm): number[] => {
  const [word = 0n] = status(realm).notified
  return [0, 1, 2, 3].filter((memory) => ((word >> BigInt(memory)) & 1n) === 1n)
}

export const call = (realm: ScriptedRealm, fid: bigint, ...args: readonly (bigint | number)[]): bigint =>
  realm.call(fid, ...args)[0]!

export const write = (realm: ScriptedRealm, ipa: number, value: number) =>
  realm.perform((cpu) => cpu.store(ipa, Uint8Array.of(value)))
export const read = (realm: ScriptedRealm, ipa: number) => realm.perform((cpu) => cpu.load(ipa, 1)).value?.[0]

/** Waits, and counts how often that was over without an exit. */
export const waiting = (seen: { waits: number }, times: number): Job<void> =>
  function* (cpu: ScriptedCpu) {
    for (let i = 0; i < times; i++) {
      yield* cpu.wfi()
      seen.waits++
    }
  }
