import { LIST_REGISTER } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import {
  decodeRsiMicaPolicyStatus,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_POLICY_STATUS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, withoutEffect } from './arena.ts'

// A reader tells its writer something after all, a stranger or the host makes up a signal, the host learns of one.

/** Whether a Realm has been told that there is something in the channel. */
function isNotified(realm: ScriptedRealm): boolean {
  const { value } = realm.perform(function* (cpu) {
    yield* cpu.smc([RSI_MICA_POLICY_STATUS, BigInt(RAM)])
    return yield* cpu.load(RAM, PAGE)
  })
  return decodeRsiMicaPolicyStatus(value!).notified.some((word) => word !== 0n)
}

/** What a call of its own leaves to a guest. */
const OWN_REGISTERS = /\.guest\./

test('a reader notifies nobody, and gives credit for no channel that is not paced', () => {
  const { host, left, right } = joined()
  for (const fid of [RSI_MICA_NOTIFY, RSI_MICA_CREDIT]) {
    expect(withoutEffect(host, () => right.call(fid, 0), OWN_REGISTERS)[0]).toBe(1n)
  }
  expect(isNotified(left)).toBe(false)
})

test('a Realm without a policy, or one that has left, notifies nobody', () => {
  const { host, left, right, granule } = joined()
  const stranger = host.createRealm({ image: 9, policyGranules: 1 })
  stranger.mapShared([granule], LINK)
  expect(stranger.call(RSI_MICA_NOTIFY, 0)[0]).toBe(2n)
  expect(left.call(RSI_MICA_LEAVE, 0)[0]).toBe(0n)
  expect(left.call(RSI_MICA_NOTIFY, 0)[0]).toBe(2n)
  expect(isNotified(right)).toBe(false)
})

test('the host makes up no notification: virtual interrupts of any number are not one', () => {
  const { right } = joined()
  for (const intid of [0n, 7n, 16n, 27n, 31n, 32n, 1019n]) {
    right.perform((cpu) => cpu.wfi(), { gicv3_lrs: [LIST_REGISTER.pending | LIST_REGISTER.group1 | intid] })
  }
  expect(isNotified(right)).toBe(false)
})

test('nothing that the host can read is different after a notification, before the reader runs', () => {
  const view = (notifies: boolean): string => {
    const { host, left, right } = joined()
    left.call(notifies ? RSI_MICA_NOTIFY : RSI_MICA_POLICY_STATUS, notifies ? 0 : RAM)
    return Buffer.concat([host.read(left.run, PAGE)!, host.read(right.run, PAGE)!]).toString('hex')
  }
  expect(view(true)).toBe(view(false))
})

test('control: the writer of a channel notifies its reader, who finds that once', () => {
  const { left, right } = joined()
  expect(left.call(RSI_MICA_NOTIFY, 0)[0]).toBe(0n)
  expect([isNotified(right), isNotified(right)]).toEqual([true, false])
})
