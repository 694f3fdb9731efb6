import { describe, expect, test } from 'vitest'
import { ICH_HCR, INTID_NONE, LIST_REGISTER, VirtualCpuInterface } from '../src/gic.ts'
import { createSystemRegisters, SYSREG, type SystemRegisters } from '../src/index.ts'

const STATE_POSITION = 62n
const PENDING = 1n
const ACTIVE = 2n

/** A list register of group 1. */
const register = (intid: bigint, priority = 0x80n, state = PENDING): bigint =>
  (state << STATE_POSITION) | LIST_REGISTER.group1 | (priority << 48n) | intid

/** An interface that its guest has opened, with these list registers. */
function open(...registers: readonly bigint[]): { system: SystemRegisters; gic: VirtualCpuInterface } {
  const system = createSystemRegisters()
  const gic = new VirtualCpuInterface(system)
  system[SYSREG.ICH_HCR_EL2] = ICH_HCR.enable
  for (const [index, value] of registers.entries()) system[SYSREG.ICH_LR0_EL2 + index] = value
  gic.enable(true, true)
  gic.priorityMask = 0xffn
  return { system, gic }
}

const stateOf = (system: SystemRegisters, index = 0): bigint => system[SYSREG.ICH_LR0_EL2 + index]! >> STATE_POSITION

function maintenance(gic: VirtualCpuInterface, system: SystemRegisters): bigint {
  gic.updateMaintenance()
  return system[SYSREG.ICH_MISR_EL2]!
}

describe('a list register', () => {
  test('goes from pending to active when it is acknowledged, and is free when it ends', () => {
    const { system, gic } = open(register(27n))
    expect([gic.signals, stateOf(system)]).toEqual([true, PENDING])
    expect(gic.acknowledge(true)).toBe(27n)
    expect([gic.signals, stateOf(system)]).toEqual([false, ACTIVE])
    gic.end(27n)
    expect([gic.signals, stateOf(system)]).toEqual([false, 0n])
    expect(gic.acknowledge(true)).toBe(INTID_NONE)
  })

  test('that is pending again while active is signalled when the first has ended', () => {
    const { system, gic } = open(register(27n, 0x80n, ACTIVE | PENDING))
    expect(gic.acknowledge(true)).toBe(INTID_NONE)
    gic.end(27n)
    expect(stateOf(system)).toBe(PENDING)
    expect(gic.acknowledge(true)).toBe(27n)
  })

  test('of an LPI is free as soon as it is acknowledged', () => {
    const { system, gic } = open(register(8192n))
    expect(gic.acknowledge(true)).toBe(8192n)
    expect(stateOf(system)).toBe(0n)
  })

  test('stays active after the end if the guest deactivates separately', () => {
    const { system, gic } = open(register(40n))
    gic.separateDeactivation = true
    gic.acknowledge(true)
    gic.end(40n)
    expect([stateOf(system), gic.runningPriority]).toEqual([ACTIVE, 0xffn])
    gic.deactivate(40n)
    expect(stateOf(system)).toBe(0n)
  })
})

describe('an interrupt is signalled', () => {
  test('only while the interface is on', () => {
    const { system, gic } = open(register(27n))
    system[SYSREG.ICH_HCR_EL2] = 0n
    expect([gic.signals, gic.acknowledge(true)]).toEqual([false, INTID_NONE])
  })

  test('only if its group is on', () => {
    const { gic } = open(register(27n))
    gic.enable(true, false)
    expect([gic.signals, gic.acknowledge(true)]).toEqual([false, INTID_NONE])
    gic.enable(true, true)
    expect(gic.acknowledge(false)).toBe(INTID_NONE)
  })

  test('only if it is more urgent than the mask', () => {
    const { gic } = open(register(27n, 0x80n))
    gic.priorityMask = 0x80n
    expect(gic.signals).toBe(false)
    gic.priorityMask = 0x81n
    expect(gic.signals).toBe(true)
  })

  test('most urgent first, and only if it is more urgent than the running one', () => {
    const { gic } = open(register(30n, 0x90n), register(31n, 0x40n), register(32n, 0x60n))
    expect(gic.acknowledge(true)).toBe(31n)
    expect(gic.runningPriority).toBe(0x40n)
    expect(gic.acknowledge(true)).toBe(INTID_NONE)
    gic.end(31n)
    expect([gic.highestPending(true), gic.acknowledge(true), gic.runningPriority]).toEqual([32n, 32n, 0x60n])
  })
})

describe('ICH_MISR_EL2', () => {
  test('is zero when nobody asked for maintenance', () => {
    const { system, gic } = open(register(27n))
    expect(maintenance(gic, system)).toBe(0n)
  })

  test('says that an interrupt has ended whose host wants to know', () => {
    const { system, gic } = open(register(27n) | LIST_REGISTER.maintenanceOnEnd)
    gic.acknowledge(true)
    expect(maintenance(gic, system)).toBe(0n)
    gic.end(27n)
    expect(maintenance(gic, system)).toBe(1n)
  })

  const asked = (bits: bigint, ...registers: readonly bigint[]) => {
    const opened = open(...registers)
    opened.system[SYSREG.ICH_HCR_EL2] = ICH_HCR.enable | bits
    return opened
  }

  test.each([
    ['at most one register is used', ICH_HCR.underflow, [register(27n)], 1n << 1n],
    ['two registers are used', ICH_HCR.underflow, [register(27n), register(28n)], 0n],
    ['none is pending', ICH_HCR.nonePending, [register(27n, 0n, ACTIVE)], 1n << 3n],
    ['one is pending', ICH_HCR.nonePending, [register(27n)], 0n],
    ['group 1 is on', ICH_HCR.group1Enabled, [], 1n << 6n],
    ['group 0 is off', ICH_HCR.group0Disabled, [], 1n << 5n],
  ] as const)('answers when asked whether %s', (_, bits, registers, status) => {
    const { system, gic } = asked(bits, ...registers)
    expect(maintenance(gic, system)).toBe(status)
  })

  test('says that interrupts ended which are in no register, and ICH_HCR_EL2 how many', () => {
    const { system, gic } = asked(ICH_HCR.noRegisterForEnd)
    expect(maintenance(gic, system)).toBe(0n)
    gic.end(50n)
    gic.end(51n)
    expect(maintenance(gic, system)).toBe(1n << 2n)
    expect((system[SYSREG.ICH_HCR_EL2]! & ICH_HCR.endCount) >> ICH_HCR.endCountPosition).toBe(2n)
  })

  test('counts neither the end of an LPI nor of a special number', () => {
    const { system, gic } = asked(ICH_HCR.noRegisterForEnd)
    gic.end(9000n)
    gic.end(INTID_NONE)
    expect(maintenance(gic, system)).toBe(0n)
  })
})
