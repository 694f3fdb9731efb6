import { SYSREG } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import {
  PSCI_AFFINITY_INFO_64,
  PSCI_AFFINITY_INFO_OFF,
  PSCI_AFFINITY_INFO_ON,
  PSCI_ALREADY_ON,
  PSCI_CPU_OFF,
  PSCI_CPU_ON_64,
  PSCI_DENIED,
  PSCI_SUCCESS,
  PSCI_SYSTEM_OFF,
  PSCI_SYSTEM_RESET,
  RMI_DATA_DESTROY,
  RMI_EXIT_PSCI,
  RMI_PSCI_COMPLETE,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_DESTROY,
  type RmiRecExit,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, type ScriptedRec, UNPROTECTED } from '../scripted-host.ts'

const ENTRY = RAM + 4 * PAGE

/** A Realm of which the first REC is on. */
function realmOf(recs: number): { host: ScriptedHost; realm: ScriptedRealm; recs: readonly ScriptedRec[] } {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm({ recs: Array.from({ length: recs }, (_, index) => ({ runnable: index === 0 })) })
  return { host, realm, recs: realm.recs }
}

/** The registers that an exit because of PSCI shows, without trailing zeroes. */
function psciExit(exit: RmiRecExit | number): readonly bigint[] {
  if (typeof exit === 'number' || exit.exit_reason !== RMI_EXIT_PSCI) throw new Error('no exit because of PSCI')
  return exit.gprs.slice(0, exit.gprs.findLastIndex((register) => register !== 0n) + 1)
}

/** What a call by PSCI that the host is asked about returns, when it answers so. */
function asked(host: ScriptedHost, caller: ScriptedRec, target: ScriptedRec, call: readonly bigint[], status: bigint) {
  const results: bigint[] = []
  const exit = caller.begin(function* (cpu) {
    results.push(...(yield* cpu.smc(call)).slice(0, 4))
  })
  expect(psciExit(exit)).toEqual(call.slice(0, 2))
  const rmi = host.status(RMI_PSCI_COMPLETE, caller.address, target.address, status)
  caller.enter()
  return { rmi, results }
}

const turnOn = (host: ScriptedHost, caller: ScriptedRec, target: ScriptedRec, mpidr: bigint, status = PSCI_SUCCESS) =>
  asked(host, caller, target, [PSCI_CPU_ON_64, mpidr, BigInt(ENTRY), 7n], status)

const isOn = (host: ScriptedHost, caller: ScriptedRec, target: ScriptedRec, mpidr: bigint) =>
  asked(host, caller, target, [PSCI_AFFINITY_INFO_64, mpidr, 0n], PSCI_SUCCESS).results[0]

test('a REC turns another one on, both work on the memory of their Realm, one turns off, SYSTEM_OFF ends both', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  expect(second.enter()).toBe(3)
  expect(turnOn(host, first, second, 1n)).toEqual({ rmi: [0, 0], results: [PSCI_SUCCESS, 0n, 0n, 0n] })

  first.perform((cpu) => cpu.store64(RAM, 20n))
  second.perform(function* (cpu) {
    yield* cpu.store64(RAM + 8, (yield* cpu.load64(RAM)) + 1n)
  })
  expect(first.perform((cpu) => cpu.load64(RAM + 8)).value).toBe(21n)
  expect(isOn(host, first, second, 1n)).toBe(PSCI_AFFINITY_INFO_ON)

  expect(psciExit(second.begin((cpu) => cpu.smc([PSCI_CPU_OFF])))).toEqual([PSCI_CPU_OFF])
  expect(second.enter()).toBe(3)
  expect(isOn(host, first, second, 1n)).toBe(PSCI_AFFINITY_INFO_OFF)
  expect(turnOn(host, first, second, 1n).results[0]).toBe(PSCI_SUCCESS)

  expect(psciExit(second.begin((cpu) => cpu.smc([PSCI_SYSTEM_OFF])))).toEqual([PSCI_SYSTEM_OFF])
  for (const rec of recs) expect(host.status(RMI_REC_ENTER, rec.address, rec.run)).toEqual([2, 1])
})

test('a REC that is turned on again starts over: what it was doing is gone', () => {
  const { host, realm, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  turnOn(host, first, second, 1n)
  second.begin(function* (cpu) {
    yield* cpu.smc([PSCI_CPU_OFF])
    yield* cpu.store64(RAM, 1n)
  })
  turnOn(host, first, second, 1n)
  second.perform((cpu) => cpu.store64(RAM + 8, 2n))
  const read = first.perform(function* (cpu) {
    return [yield* cpu.load64(RAM), yield* cpu.load64(RAM + 8)]
  })
  expect(read.value).toEqual([0n, 2n])
  expect(realm.realm.state).toBe('active')
})

test('a REC that is turned on again has the context in x0, and all other registers as it left them', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  const guest = () => host.rmm.monitor.recAt(second.address)!.guest!
  turnOn(host, first, second, 1n)
  second.begin((cpu) => cpu.smc([PSCI_CPU_OFF, 1n, 2n, 3n, 4n, 5n]))
  guest().system[SYSREG.FAR_EL1] = 9n
  turnOn(host, first, second, 1n)
  second.enter()
  expect([...guest().x.subarray(0, 6)]).toEqual([7n, 0n, 0n, 0n, 4n, 5n])
  expect(guest().system[SYSREG.FAR_EL1]).toBe(9n)
  expect(guest().system[SYSREG.ELR_EL2]).toBe(BigInt(ENTRY))
})

test('of two RECs that turn on the same third one, one succeeds and the other learns that it is on', () => {
  const { host, recs } = realmOf(3)
  const [first, second, third] = [recs[0]!, recs[1]!, recs[2]!]
  turnOn(host, first, second, 1n)
  const answers = new Map<ScriptedRec, bigint>()
  for (const rec of [first, second]) {
    rec.begin(function* (cpu) {
      answers.set(rec, (yield* cpu.smc([PSCI_CPU_ON_64, 2n, BigInt(ENTRY), 0n]))[0]!)
    })
  }
  expect(host.status(RMI_PSCI_COMPLETE, second.address, third.address, 0)).toEqual([0, 0])
  expect(host.status(RMI_PSCI_COMPLETE, first.address, third.address, 0)).toEqual([0, 0])
  for (const rec of [first, second]) rec.enter()
  expect([answers.get(first), answers.get(second)]).toEqual([PSCI_ALREADY_ON, PSCI_SUCCESS])
})

test('a REC that runs is on: the host cannot start it over under itself', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  turnOn(host, first, second, 1n)
  let answer: bigint | undefined
  first.begin(function* (cpu) {
    answer = (yield* cpu.smc([PSCI_CPU_ON_64, 1n, BigInt(ENTRY), 0n]))[0]
  })
  // biome-ignore lint/correctness/useYield: the guest does nothing but to run meanwhile.
  second.begin(function* () {
    expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([0, 0])
  })
  first.enter()
  expect(answer).toBe(PSCI_ALREADY_ON)
})

test('a REC that turns itself off is on until it has left: a host on another PE does not start it too early', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  turnOn(host, first, second, 1n)
  let answer: bigint | undefined
  first.begin(function* (cpu) {
    answer = (yield* cpu.smc([PSCI_CPU_ON_64, 1n, BigInt(ENTRY), 0n]))[0]
  })
  const completions: (readonly [number, number])[] = []
  // What is told of an exit is told before it has happened.
  host.events.push = (event) => {
    if (event.event === 'exit') completions.push(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0))
    return 0
  }
  second.begin((cpu) => cpu.smc([PSCI_CPU_OFF]))
  expect(completions).toEqual([[0, 0]])
  first.enter()
  expect(answer).toBe(PSCI_ALREADY_ON)
  expect(second.enter()).toBe(3)
})

test('a host may deny that a REC is turned on, but not of one that is on', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  expect(turnOn(host, first, second, 1n, PSCI_DENIED)).toEqual({ rmi: [0, 0], results: [PSCI_DENIED, 0n, 0n, 0n] })
  expect(second.enter()).toBe(3)
  turnOn(host, first, second, 1n)
  expect(turnOn(host, first, second, 1n, PSCI_DENIED)).toEqual({ rmi: [1, 0], results: [PSCI_ALREADY_ON, 0n, 0n, 0n] })
})

test('a REC whose request can no longer be answered stays where it is, and can only be destroyed', () => {
  const { host, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  first.begin((cpu) => cpu.smc([PSCI_CPU_ON_64, 1n, BigInt(ENTRY), 0n]))
  host.demand(RMI_REC_DESTROY, second.address)
  expect(host.status(RMI_PSCI_COMPLETE, first.address, second.address, 0)).toEqual([1, 0])
  expect(first.enter()).toBe(3)
  expect(host.status(RMI_REC_DESTROY, first.address)).toEqual([0, 0])
})

test('a reset ends the Realm as turning off does', () => {
  const { host, realm, recs } = realmOf(2)
  expect(psciExit(recs[0]!.begin((cpu) => cpu.smc([PSCI_SYSTEM_RESET])))).toEqual([PSCI_SYSTEM_RESET])
  expect(realm.realm.state).toBe('system-off')
  expect(host.status(RMI_REC_ENTER, recs[0]!.address, recs[0]!.run)).toEqual([2, 1])
})

test('while a REC runs, nothing that it runs on can be taken away under it but its memory', () => {
  const { host, realm, recs } = realmOf(2)
  const [first, second] = [recs[0]!, recs[1]!]
  const { value } = first.perform(function* (cpu) {
    yield* cpu.store64(RAM, 5n)
    const answers = [
      host.status(RMI_REC_ENTER, first.address, second.run),
      host.status(RMI_REC_DESTROY, first.address),
      host.status(RMI_REALM_DESTROY, realm.rd),
      host.status(RMI_RTT_DESTROY, realm.rd, 0, 3),
      // The other REC does not run: it goes, and the Realm still has one.
      host.status(RMI_REC_DESTROY, second.address),
      host.status(RMI_REALM_DESTROY, realm.rd),
      // Tables of the host's half hold nothing of the Realm's.
      host.status(RMI_RTT_DESTROY, realm.rd, UNPROTECTED, 3),
      host.status(RMI_DATA_DESTROY, realm.rd, RAM + PAGE),
    ]
    return { answers, kept: yield* cpu.load64(RAM) }
  })
  expect(value).toEqual({
    answers: [
      [3, 0],
      [3, 0],
      [2, 0],
      [4, 3],
      [0, 0],
      [2, 0],
      [0, 0],
      [0, 0],
    ],
    kept: 5n,
  })
  const exit = first.begin((cpu) => cpu.load64(RAM + PAGE))
  expect(exit).toMatchObject({ exit_reason: 0, hpfar: BigInt((RAM + PAGE) / 256) })
})
