import { describe, expect, test } from 'vitest'
import {
  createRegisters,
  GRANULE_SIZE,
  type Guest,
  Machine,
  type MachineEvent,
  type ScriptedProgram,
  scriptedGuests,
} from '../../src/index.ts'
import { enter, nameOf } from '../monitor.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

const SEED = new Uint8Array(32).fill(1)

function start(program: ScriptedProgram, options: { quantum?: number } = {}): { guest: Guest; events: MachineEvent[] } {
  const events: MachineEvent[] = []
  const machine = new Machine({
    seed: SEED,
    dram: { base: BASE, size: 0x40_0000 },
    events: (event) => events.push(event),
    guests: scriptedGuests(() => program),
    ...options,
  })
  const realm = new RealmMemory(machine.memory)
  realm.page(0x1000, 'rw')
  realm.page(0x2000, 'r')
  return { guest: machine.guests({ rec: '0x1', stage2: realm.root, pc: 0n, gprs: [7n] }), events }
}

const exits = (guest: Guest, count: number, trapWaits = true): string[] =>
  Array.from({ length: count }, () => nameOf(enter(guest, { trapWaits })))

describe('a scripted guest', () => {
  test('calls the monitor with its registers and sees what the monitor left there', () => {
    const seen: (readonly bigint[])[] = []
    const { guest } = start(function* (cpu) {
      seen.push(yield* cpu.smc([0xc400_0190n, 5n]))
    })
    expect(guest.x[0]).toBe(7n)
    expect(nameOf(enter(guest))).toBe('smc')
    expect(Array.from(guest.x.subarray(0, 3))).toEqual([0xc400_0190n, 5n, 0n])
    guest.x[0] = 1n
    guest.x[30] = 2n
    enter(guest)
    expect(seen[0]?.length).toBe(createRegisters().length)
    expect([seen[0]?.[0], seen[0]?.[30]]).toEqual([1n, 2n])
  })

  test('repeats an aborted access when it is resumed', () => {
    let loads = 0
    const { guest } = start(function* (cpu) {
      yield* cpu.load64(0x9000)
      loads++
    })
    expect(exits(guest, 3)).toEqual(['abort', 'abort', 'abort'])
    expect(loads).toBe(0)
  })

  test('takes an injected external abort as an exception of the access', () => {
    const caught: string[] = []
    const { guest } = start(function* (cpu) {
      try {
        yield* cpu.store(0x2000, Uint8Array.of(1))
      } catch (error) {
        caught.push((error as Error).name)
      }
      yield* cpu.smc([])
    })
    expect(nameOf(enter(guest))).toBe('abort')
    expect(nameOf(enter(guest, { answer: 'sea' }))).toBe('smc')
    expect(caught).toEqual(['SynchronousExternalAbort'])
  })

  test('halts when it does not handle an injected exception, and waits for ever', () => {
    const { guest } = start(function* (cpu) {
      for (;;) yield* cpu.smc([])
    })
    enter(guest)
    expect(nameOf(enter(guest, { answer: 'undefined' }))).toBe('wait')
    expect(exits(guest, 2, false)).toEqual(['irq', 'irq'])
  })

  test('lets an error of its own out, so that a test sees it', () => {
    const { guest } = start(function* (cpu) {
      yield* cpu.rndr(1)
      throw new RangeError('mine')
    })
    expect(() => enter(guest)).toThrow('mine')
  })

  test('reports each fault, and what it accessed at each exit', () => {
    const { guest, events } = start(function* (cpu) {
      yield* cpu.store(0x1000, new Uint8Array(100))
      yield* cpu.load32(0x1000)
      yield* cpu.store32(0x2000, 1)
    })
    enter(guest)
    expect(events).toEqual([
      { event: 'fault', rec: '0x1', access: 'write', ipa: '0x2000', fault: 'permission', level: 3 },
      { event: 'access', rec: '0x1', block: '0x0', loaded: 4, stored: 100 },
    ])
  })
})

describe('the quantum', () => {
  const busy: ScriptedProgram = function* (cpu) {
    for (let round = 0; ; round++) {
      yield* cpu.store32(0x1000, round)
      if (round % 700 === 0) yield* cpu.smc([BigInt(round)])
      if (round % 1100 === 0) yield* cpu.load(0x1000, GRANULE_SIZE)
    }
  }

  const trace = (quantum: number): string[] => {
    const { guest } = start(busy, { quantum })
    return Array.from({ length: 60 }, () => {
      const exit = nameOf(enter(guest))
      return `${exit} ${exit === 'smc' ? guest.x[0] : ''}`
    })
  }

  test('gives the same program the same exits', () => {
    expect(trace(1000)).toEqual(trace(1000))
    expect(trace(1000)).toContain('irq ')
    expect(trace(1000)).not.toEqual(trace(3000))
  })

  test('is not prolonged by calls to the monitor', () => {
    const { guest } = start(
      function* (cpu) {
        for (;;) yield* cpu.smc([])
      },
      { quantum: 2048 },
    )
    expect(exits(guest, 10)).toEqual(['smc', 'smc', 'smc', 'smc', 'irq', 'smc', 'smc', 'smc', 'smc', 'irq'])
  })

  test('ends early for a guest that touches more blocks than can be counted', () => {
    const { guest, events } = start(function* (cpu) {
      for (let block = 0; block < 1000; block++) {
        try {
          yield* cpu.load32(0x1000)
          yield* cpu.load32(block * 0x20_0000)
        } catch {
          yield* cpu.wfi()
        }
      }
    })
    for (let count = 0; count < 20; count++) enter(guest, { answer: count > 0 ? 'sea' : 'again' })
    expect(events.filter((event) => event.event === 'access').length).toBeLessThan(300)
  })
})

test('WFI leaves to the monitor when it is trapped, and waits for an interrupt when it is not', () => {
  const { guest } = start(function* (cpu) {
    for (;;) yield* cpu.wfi()
  })
  expect(exits(guest, 2)).toEqual(['wait', 'wait'])
  // The entry that sets the trap applies to instructions after it.
  expect(exits(guest, 2, false)).toEqual(['irq', 'irq'])
})

test('random numbers repeat with the seed, and differ between guests', () => {
  const drawn: string[] = []
  const program: ScriptedProgram = function* (cpu) {
    drawn.push(Buffer.from(yield* cpu.rndr(100)).toString('hex'))
  }
  const machine = (): Machine =>
    new Machine({ seed: SEED, dram: { base: BASE, size: 0x40_0000 }, guests: scriptedGuests(() => program) })
  for (const on of [machine(), machine()]) {
    const realm = new RealmMemory(on.memory)
    for (let count = 0; count < 2; count++) {
      enter(on.guests({ rec: '0x1', stage2: realm.root, pc: 0n, gprs: [] }))
    }
  }
  expect(drawn[0]).toBe(drawn[2])
  expect(drawn[1]).toBe(drawn[3])
  expect(drawn[0]).not.toBe(drawn[1])
})
