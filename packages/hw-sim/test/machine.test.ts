import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createRegisters,
  formatAddress,
  GRANULE_SIZE,
  Machine,
  type MachineEvent,
  type MachineOptions,
  PAS,
  physicalAddressOf,
  SMC_UNKNOWN,
  toIpa,
  type World,
} from '../src/index.ts'
import { BASE } from './realm-memory.ts'

const machine = (options: Partial<MachineOptions> = {}): Machine =>
  new Machine({ seed: new Uint8Array(32), dram: { base: BASE, size: 0x1_0000 }, ...options })

test('without a monitor every call is unknown', () => {
  const registers = createRegisters()
  machine().smc(registers)
  expect(registers[0]).toBe(SMC_UNKNOWN)
})

test('a call reaches the monitor, and is an event with what went in and what came out', () => {
  const events: MachineEvent[] = []
  const on = machine({ events: (event) => events.push(event) })
  on.installMonitor((registers) => {
    registers[0] = 0n
    registers[1] = 0x10n
  })
  const registers = createRegisters()
  registers[0] = 0xc400_0150n
  registers[6] = 6n
  on.smc(registers)
  expect(registers[1]).toBe(0x10n)
  expect(events).toEqual([
    {
      event: 'smc',
      x: ['0xc4000150', '0x0', '0x0', '0x0', '0x0', '0x0', '0x6'],
      result: ['0x0', '0x10', '0x0', '0x0', '0x0'],
    },
  ])
})

test('a machine that nobody watches makes no events', () => {
  expect(machine().events.enabled).toBe(false)
})

test('law 1: an access by a world that granule protection does not allow reads nothing and changes nothing', () => {
  const worlds = fc.constantFrom<World>('non-secure', 'secure', 'realm', 'root')
  const allowed: Record<World, readonly number[]> = {
    'non-secure': [0],
    secure: [0, 1],
    realm: [0, 2],
    root: [0, 1, 2, 3],
  }
  const spaces = fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(worlds, spaces, fc.integer({ min: -5000, max: 70_000 }), fc.nat(9000), (world, pas, offset, length) => {
      const { memory } = machine()
      pas.forEach((space, granule) => {
        memory.setPas(granule, space as (typeof PAS)['realm'])
      })
      const last = length === 0 ? offset : offset + length - 1
      const inside = offset >= 0 && last < 16 * GRANULE_SIZE
      const touched = pas.slice(Math.max(0, Math.floor(offset / GRANULE_SIZE)), Math.floor(last / GRANULE_SIZE) + 1)
      const may = inside && touched.every((space) => allowed[world].includes(space))
      const address = physicalAddressOf(BASE + offset)
      expect(memory.read(world, address, length) !== undefined).toBe(may)
      expect(memory.write(world, address, new Uint8Array(length).fill(1))).toBe(may)
      expect(memory.bytes.reduce((sum, byte) => sum + byte, 0)).toBe(may ? length : 0)
      expect(memory.zero(world, address, length)).toBe(may)
    }),
    { numRuns: 60 },
  )
})

test('root firmware delegates only Non-secure granules, and takes back only those of the Realm world', () => {
  const { firmware, memory } = machine()
  const granule = memory.addressOf(3)
  expect(firmware.undelegate(granule)).toBe(false)
  expect(firmware.delegate(granule)).toBe(true)
  expect(firmware.delegate(granule)).toBe(false)
  expect(memory.pas(3)).toBe(PAS.realm)
  expect(firmware.undelegate(granule)).toBe(true)
  expect(firmware.delegate(physicalAddressOf(BASE + 16 * GRANULE_SIZE))).toBe(false)
})

test('addresses are written in groups of four digits, and registers beyond 52 bits are none', () => {
  expect(formatAddress(0x80_1234_5678)).toBe('0x80_1234_5678')
  expect(toIpa(2n ** 52n)).toBeUndefined()
  expect(toIpa(2n ** 52n - 1n)).toBe(2 ** 52 - 1)
})
