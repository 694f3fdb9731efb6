import type { ScriptedProgram } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import { Scheduler, TIMER_INTIDS } from '../src/index.ts'
import { planOf, testMachine } from './machine.ts'

/** Takes interrupts as they come, and tells which. */
function taking(intids: bigint[], prepare?: ScriptedProgram): ScriptedProgram {
  return function* (cpu) {
    yield* cpu.msr('ICC_PMR_EL1', 0xffn)
    yield* cpu.msr('ICC_IGRPEN1_EL1', 1n)
    if (prepare !== undefined) yield* prepare(cpu)
    for (;;) {
      yield* cpu.wfi()
      const intid = yield* cpu.mrs('ICC_IAR1_EL1')
      if (intid === 1023n) continue
      intids.push(intid)
      if (intid === BigInt(TIMER_INTIDS.virtual)) yield* cpu.msr('CNTV_CTL_EL0', 0n)
      yield* cpu.msr('ICC_EOIR1_EL1', intid)
    }
  }
}

function run(program: ScriptedProgram) {
  const { world, builder } = testMachine(program)
  const { recs } = builder.build(planOf())
  return { scheduler: new Scheduler(world, recs, 0), vcpu: recs[0]! }
}

const rounds = (scheduler: Scheduler, count: number): void => {
  for (let round = 0; round < count; round++) scheduler.round()
}

test('interrupts that the host raises reach the guest, each once, in the order in which they were raised', () => {
  const intids: bigint[] = []
  const { scheduler, vcpu } = run(taking(intids))
  for (const intid of [40, 41, 40]) scheduler.interrupt(vcpu, intid)
  rounds(scheduler, 6)
  expect(intids).toEqual([40n, 41n])
  scheduler.interrupt(vcpu, 40)
  rounds(scheduler, 2)
  expect(intids).toEqual([40n, 41n, 40n])
})

test('the timer of a guest reaches it as an interrupt, once for each time that it is set', () => {
  const intids: bigint[] = []
  const { scheduler } = run(
    taking(intids, function* (cpu) {
      yield* cpu.msr('CNTV_CVAL_EL0', 5000n)
      yield* cpu.msr('CNTV_CTL_EL0', 1n)
    }),
  )
  rounds(scheduler, 8)
  expect(intids).toEqual([27n])
})
