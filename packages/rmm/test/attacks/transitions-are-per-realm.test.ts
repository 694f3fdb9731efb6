import type { Transition } from '@mica/policy'
import { expect, test } from 'vitest'
import {
  encodeRsiHostCall,
  RMI_EXIT_HOST_CALL,
  RSI_ERROR_STATE,
  RSI_HOST_CALL,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { RAM, type ScriptedRealm } from '../scripted-host.ts'
import { type Sketch, stage, upload } from './arena.ts'

// Each Realm has the transitions of its own policy: whatever number another policy knows it by, and without any channel.

const HOST_CALL = Number(RSI_HOST_CALL)
const hostCall = (peer: number, action: Transition['action']): Transition => {
  return { peer, class: 'call', action, ranges: [[HOST_CALL, HOST_CALL]] }
}

/** A Realm alone; in its own policy it is peer 0, as all of these are in theirs. */
const alone = (realm: ScriptedRealm, transitions: readonly Transition[]): Sketch => {
  return { self: 'me', peers: { me: { rim: realm.rim }, other: { rim: new Uint8Array(32).fill(7) } }, transitions }
}

/** Whether a host call of this Realm reaches the host. */
function reachesHost(realm: ScriptedRealm): boolean {
  const { value, exits } = realm.perform(function* (cpu) {
    yield* cpu.store(RAM, encodeRsiHostCall({ imm: 1 }))
    return (yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM)]))[0]
  })
  const reached = exits.some(({ exit_reason }) => exit_reason === RMI_EXIT_HOST_CALL)
  expect(value).toBe(reached ? RSI_SUCCESS : RSI_ERROR_STATE)
  return reached
}

test('two Realms that are both peer 0 of their policies keep each their own answer, in either order', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const { realms } = stage(2)
    const policies = [alone(realms[0]!, [hostCall(0, 'allow')]), alone(realms[1]!, [hostCall(0, 'block')])]
    for (const index of order) expect(upload(realms[index]!, policies[index]!)).toBe('accepted')
    expect(realms.map(reachesHost)).toEqual([true, false])
  }
})

test('what a policy lists for another peer opens nothing for the Realm itself', () => {
  const { realms } = stage(1)
  expect(upload(realms[0]!, alone(realms[0]!, [hostCall(1, 'allow')]))).toBe('accepted')
  expect(reachesHost(realms[0]!)).toBe(false)
})

test('nor does it close anything: a Realm that is another peer than the first of its policy has its own transitions', () => {
  const second = (realm: ScriptedRealm, transitions: readonly Transition[]): Sketch => {
    return { self: 'me', peers: { other: { rim: new Uint8Array(32).fill(7) }, me: { rim: realm.rim } }, transitions }
  }
  for (const [transitions, reached] of [
    [[hostCall(1, 'allow'), hostCall(0, 'block')], true],
    [[hostCall(0, 'allow')], false],
  ] as const) {
    const { realms } = stage(1)
    expect(upload(realms[0]!, second(realms[0]!, transitions))).toBe('accepted')
    expect(reachesHost(realms[0]!)).toBe(reached)
  }
})

test('a block stays with the Realm that has it: later Realms, and those without a policy, are as free as ever', () => {
  const { host, realms } = stage(1)
  expect(upload(realms[0]!, alone(realms[0]!, [hostCall(0, 'block')]))).toBe('accepted')
  expect(reachesHost(realms[0]!)).toBe(false)
  expect(reachesHost(host.createRealm({ image: 5 }))).toBe(true)
})

test('a refused policy leaves none of its transitions behind', () => {
  const { realms } = stage(1)
  const wrong = { ...alone(realms[0]!, [hostCall(0, 'block')]), self: 'other' }
  expect(upload(realms[0]!, wrong)).toBe('self-rim-differs')
  expect(reachesHost(realms[0]!)).toBe(true)
})
