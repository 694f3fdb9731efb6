import { encodeBlob } from '@mica/policy'
import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  PSCI_AFFINITY_INFO_64,
  PSCI_AFFINITY_INFO_OFF,
  PSCI_CPU_OFF,
  PSCI_CPU_ON_32,
  PSCI_CPU_ON_64,
  PSCI_CPU_SUSPEND_32,
  PSCI_CPU_SUSPEND_64,
  PSCI_DENIED,
  PSCI_FEATURES,
  PSCI_SUCCESS,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  RMI_EXIT_IRQ,
  RMI_EXIT_PSCI,
  RMI_PSCI_COMPLETE,
  type RmiRecExit,
} from '../../src/abi/index.ts'
import { RAM, ScriptedHost, type ScriptedRec } from '../scripted-host.ts'
import { pipelinePolicy } from './pipeline.ts'

/** A Realm with two RECs, one of them off, whose policy lists one call; without an action it lists none. */
function realmThatMay(fid?: bigint, action?: 'allow' | 'scrub') {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const realm = host.createRealm({ recs: [{}, { runnable: false }], policyGranules: 1 })
  const { rim } = realm
  const rims = { gate: rim, encoder: new Uint8Array(32).fill(1), moderator: new Uint8Array(32).fill(2) }
  const policy = pipelinePolicy('gate', rims, (parts) => {
    const id = Number(fid)
    if (action !== undefined) parts.transitions.push({ peer: 0, class: 'call', action, ranges: [[id, id]] })
    // Alone: nobody shares with it.
    parts.memories = []
  })
  const [status, reason] = realm.upload(encodeBlob(policy))
  if (status !== 0) throw new Error(`refused by rule ${reason}`)
  return { host, realm, first: realm.recs[0]!, second: realm.recs[1]! }
}

const isScrubbed = (exit: RmiRecExit | number): boolean =>
  typeof exit !== 'number' &&
  exit.exit_reason === RMI_EXIT_IRQ &&
  exit.gprs.every((register) => register === 0n) &&
  exit.esr + exit.far + exit.hpfar === 0n

/** Makes a call and says how it left, and what it returns once the REC is entered again. */
function make(
  rec: ScriptedRec,
  ...call: readonly bigint[]
): { exit: RmiRecExit | number; x0: () => bigint | undefined } {
  let x0: bigint | undefined
  const exit = rec.begin(function* (cpu) {
    x0 = (yield* cpu.smc(call))[0]
  })
  return {
    exit,
    x0: () => {
      if (x0 === undefined) rec.enter()
      return x0
    },
  }
}

test.each([
  ['CPU_ON', PSCI_CPU_ON_64],
  ['CPU_ON of 32 bits', PSCI_CPU_ON_32],
  ['AFFINITY_INFO', PSCI_AFFINITY_INFO_64],
  ['CPU_OFF', PSCI_CPU_OFF],
  ['a function that there is not', 0x8400_0005n],
])('%s that no policy lists is denied, and the host sees nothing', (_, fid) => {
  const { host, first, second } = realmThatMay()
  const { exit, x0 } = make(first, fid, 1n, BigInt(RAM), 0n)
  expect(isScrubbed(exit)).toBe(true)
  expect(x0()).toBe(PSCI_DENIED)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect(isScrubbed(first.enter())).toBe(true)
})

test('what the monitor answers by itself stays open', () => {
  const { first } = realmThatMay()
  expect(first.call(PSCI_FEATURES, PSCI_CPU_ON_64)[0]).toBe(PSCI_SUCCESS)
})

test('a policy that allows CPU_ON leaves it to the host, as without one', () => {
  const { host, first, second } = realmThatMay(PSCI_CPU_ON_64, 'allow')
  const { exit, x0 } = make(first, PSCI_CPU_ON_64, 1n, BigInt(RAM), 0n)
  expect(exit).toMatchObject({ exit_reason: RMI_EXIT_PSCI })
  expect(first.enter()).toBe(3)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([0, 0])
  expect(x0()).toBe(PSCI_SUCCESS)
  expect(isScrubbed(second.enter())).toBe(true)
})

test('a scrubbed CPU_ON asks nobody, so it is denied; the host has nothing to answer', () => {
  const { host, first, second } = realmThatMay(PSCI_CPU_ON_64, 'scrub')
  const { exit, x0 } = make(first, PSCI_CPU_ON_64, 1n, BigInt(RAM), 0n)
  expect(isScrubbed(exit)).toBe(true)
  const before = machineState(host)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect(machineState(host)).toBe(before)
  expect(x0()).toBe(PSCI_DENIED)
  expect(second.enter()).toBe(3)
})

test('a scrubbed AFFINITY_INFO is answered by the monitor, which knows', () => {
  const { host, first, second } = realmThatMay(PSCI_AFFINITY_INFO_64, 'scrub')
  const { exit, x0 } = make(first, PSCI_AFFINITY_INFO_64, 1n, 0n)
  expect(isScrubbed(exit)).toBe(true)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect(x0()).toBe(PSCI_AFFINITY_INFO_OFF)
})

test.each([
  ['of 32 bits', PSCI_CPU_SUSPEND_32],
  ['of 64 bits', PSCI_CPU_SUSPEND_64],
])('CPU_SUSPEND %s cannot be blocked; scrubbed, it leaves nothing to answer', (_, fid) => {
  const { host, first, second } = realmThatMay()
  const { exit, x0 } = make(first, fid, 0x1_0000n, BigInt(RAM), 5n)
  expect(isScrubbed(exit)).toBe(true)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect(x0()).toBe(PSCI_SUCCESS)
})

test.each([
  ['SYSTEM_OFF', PSCI_SYSTEM_OFF],
  ['SYSTEM_RESET', PSCI_SYSTEM_RESET],
])('%s cannot be blocked; scrubbed, it leaves nothing to answer, and no REC runs any more', (_, fid) => {
  const { host, realm, first, second } = realmThatMay()
  expect(isScrubbed(make(first, fid, 1n).exit)).toBe(true)
  expect(realm.realm.state).toBe('system-off')
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect([first.enter(), second.enter()]).toEqual([2, 2])
})

test('what a scrubbed call shows does not depend on what the Realm asked', () => {
  const view = (mpidr: bigint, context: bigint): string => {
    const { first } = realmThatMay(PSCI_CPU_ON_64, 'scrub')
    const { exit } = make(first, PSCI_CPU_ON_64, mpidr, BigInt(RAM), context)
    return JSON.stringify([exit, first.enter()], (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  }
  expect(view(1n, 0x1111n)).toBe(view(0x8000_0001n, 0x2222n))
})
