import type { ScriptedProgram } from '@mica/hw-sim'
import { PSCI_SYSTEM_OFF } from '@mica/rmm/abi'
import { expect, test } from 'vitest'
import { Scheduler, Witness } from '../src/index.ts'
import { planOf, testMachine } from './machine.ts'

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
