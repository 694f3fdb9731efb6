import type { ScriptedProgram } from '@mica/hw-sim'
import {
  type ConstructionStep,
  PSCI_AFFINITY_INFO_64,
  PSCI_AFFINITY_INFO_ON,
  PSCI_CPU_OFF,
  PSCI_CPU_ON_64,
  PSCI_CPU_SUSPEND_64,
  PSCI_SYSTEM_OFF,
} from '@mica/rmm/abi'
import { expect, test } from 'vitest'
import { Scheduler, Witness } from '../src/index.ts'
import { machineOf, planOf, RAM, smallRealm, testMachine } from './machine.ts'

/** Rounds of three Realms, as the order in which their RECs were entered. */
function orderOf(seed: number): string {
  const { world, builder } = testMachine()
  const realms = [builder.build(planOf()), builder.build(planOf()), builder.build(planOf())]
  const names = new Map(realms.map(({ recs }, index) => [recs[0]!.rec as number, 'abc'[index]]))
  const order: string[] = []
  const rmi = world.rmi.bind(world)
  world.rmi = (fid, ...args) => {
    const name = names.get(Number(args[0]))
    if (name !== undefined) order.push(name)
    return rmi(fid, ...args)
  }
  const scheduler = new Scheduler(
    world,
    realms.flatMap(({ recs }) => recs),
    seed,
  )
  for (let round = 0; round < 8; round++) scheduler.round()
  return order.join('')
}

test('the order of a schedule follows from its seed, and every round enters everyone once', () => {
  expect(orderOf(1)).toBe(orderOf(1))
  expect(orderOf(1)).not.toBe(orderOf(2))
  for (const round of orderOf(1).match(/.../g) ?? []) expect([...round].sort().join('')).toBe('abc')
})

test('a Realm that turns itself off is not entered again, and the others go on', () => {
  let turns = 0
  const offAfterThree: ScriptedProgram = function* (cpu) {
    for (let i = 0; i < 3; i++) {
      turns++
      yield* cpu.wfi()
    }
    yield* cpu.smc([PSCI_SYSTEM_OFF])
  }
  const { world, builder } = testMachine(offAfterThree)
  const scheduler = new Scheduler(world, builder.build(planOf()).recs, 0)
  for (let round = 0; round < 10; round++) scheduler.round()
  expect(turns).toBe(3)
  expect(scheduler.runnable).toBe(false)
})

test('a Realm turns its second REC on and off: the host serves PSCI, and both take turns', () => {
  const AGAIN = RAM + 0x1000
  const turnOn = (entry: number) => [PSCI_CPU_ON_64, 1n, BigInt(entry), 0n]
  const log: string[] = []
  const boot: ScriptedProgram = function* (cpu) {
    log.push(`${(yield* cpu.smc([PSCI_AFFINITY_INFO_64, 1n, 0n]))[0]}`)
    yield* cpu.smc(turnOn(RAM + 4))
    while ((yield* cpu.smc([PSCI_AFFINITY_INFO_64, 1n, 0n]))[0] === PSCI_AFFINITY_INFO_ON) yield* cpu.wfi()
    yield* cpu.smc(turnOn(AGAIN))
    for (;;) yield* cpu.smc([PSCI_CPU_SUSPEND_64, 0n, 0n, 0n])
  }
  const second: ScriptedProgram = function* (cpu) {
    log.push('on')
    yield* cpu.wfi()
    yield* cpu.smc([PSCI_CPU_OFF])
    log.push('never')
  }
  const again: ScriptedProgram = function* (cpu) {
    log.push('on again')
    yield* cpu.smc([PSCI_SYSTEM_OFF])
  }
  const programs = new Map([
    [RAM, boot],
    [RAM + 4, second],
    [AGAIN, again],
  ])
  const { world, builder } = machineOf(({ pc }) => programs.get(Number(pc))!)
  const steps: ConstructionStep[] = [...smallRealm, { op: 'rec-create', params: { flags: 0n, mpidr: 1n } }]
  const scheduler = new Scheduler(world, builder.build(planOf({ steps })).recs, 0)
  for (let round = 0; round < 30; round++) scheduler.round()
  expect(log).toEqual(['1', 'on', 'on again'])
  expect(scheduler.runnable).toBe(false)
})

test('a witness keeps each content of a watched page once, in the order in which it saw them', () => {
  const { world, pool } = testMachine()
  const page = pool.take()
  const witness = new Witness(world)
  witness.watch(page, 4096)
  for (const byte of [1, 1, 2]) {
    world.write(page, new Uint8Array(4096).fill(byte))
    witness.look()
  }
  expect(witness.seen.map((bytes) => bytes[0])).toEqual([1, 2])
})

test('all Non-secure memory, and nothing else, is what a witness can search', () => {
  const { world, machine, pool, builder } = testMachine()
  const everything = machine.memory.granules * 4096
  const total = (): number => [...new Witness(world).nonSecureMemory()].reduce((sum, bytes) => sum + bytes.length, 0)
  expect(total()).toBe(everything)
  builder.build(planOf())
  const mark = Buffer.from('mica')
  world.write(pool.take(), mark)
  expect(total()).toBeLessThan(everything - 20 * 4096)
  const seen = [...new Witness(world).nonSecureMemory()].map((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  )
  expect(seen.some((bytes) => bytes.includes(mark))).toBe(true)
})
