import { expect, test } from 'vitest'
import { CountedPe, SystemCounter, TICK_NS } from '../../src/pe/system-counter.ts'
import { createSystemRegisters, SYSREG } from '../../src/system-registers.ts'

test('the clock of a machine is what its PEs have worked, together', () => {
  const clock = new SystemCounter()
  const registers = [createSystemRegisters(), createSystemRegisters()]
  const pes = registers.map((system) => new CountedPe(clock, system))
  const exits: readonly (readonly [pe: number, count: bigint])[] = [
    [0, 5n],
    [1, 7n],
    [0, 6n],
    [0, 6n],
    [1, 100n],
  ]
  for (const [pe, count] of exits) {
    registers[pe]![SYSREG.CNTVCT_EL0] = count
    pes[pe]!.count()
  }
  expect(clock.nanoseconds).toBe(106 * TICK_NS)
})

test('a PE that is gone leaves what it has done on the clock', () => {
  const clock = new SystemCounter()
  for (const count of [3n, 4n]) {
    const system = createSystemRegisters()
    system[SYSREG.CNTVCT_EL0] = count
    new CountedPe(clock, system).count()
  }
  expect(clock.nanoseconds).toBe(7 * TICK_NS)
})
