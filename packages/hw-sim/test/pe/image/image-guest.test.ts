import { afterEach, describe, expect, test } from 'vitest'
import { type Machine, type MachineOptions, physicalAddressOf } from '../../../src/index.ts'
import { DATA, IMAGE, type ImageRun, imageGuest, untilSmc } from '../../image-machine.ts'
import { enter, nameOf } from '../../monitor.ts'
import { BASE } from '../../realm-memory.ts'

const machines: Machine[] = []
afterEach(async () => {
  await Promise.all(machines.splice(0).map((machine) => machine.stop()))
})

/** A guest whose machine ends with the test. */
function run(source: string, options: Partial<MachineOptions> = {}): ImageRun {
  const started = imageGuest(source, options)
  machines.push(started.machine)
  return started
}

const halt = (guest: ImageRun): unknown => guest.events.find((event) => event.event === 'halt')

describe('an image guest', () => {
  test('reaches memory and the monitor by the instructions of its PE', () => {
    const { guest, realm, machine } = run(`
      pe.store(${DATA}, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
      pe.store32(${DATA} + 8, pe.load32(${DATA}))
      pe.store64(${DATA} + 16, pe.load64(${DATA}))
      pe.copy(${DATA} + 24, ${DATA} + 1, 4)
      const answer = pe.smc([1n, BigInt(pe.load(${DATA} + 24, 4)[3])])
      pe.smc([answer[0], answer[30], BigInt(answer.length)]);
      () => pe.wfi()`)
    expect(untilSmc(guest).slice(0, 3)).toEqual([1n, 5n, 0n])
    guest.x[0] = 77n
    guest.x[30] = 78n
    expect(untilSmc(guest).slice(0, 3)).toEqual([77n, 78n, 31n])
    const page = machine.memory.read('realm', physicalAddressOf(realm.tableOf(DATA, 3)), 8)
    expect(page).toBeDefined()
    expect(nameOf(enter(guest))).toBe('wait')
    expect(nameOf(enter(guest, { trapWaits: false }))).toBe('irq')
  })

  test('runs its idle vector whenever its promises have nothing left to do', () => {
    const { guest } = run(`
      const order = []
      let rounds = 0
      Promise.resolve().then(() => order.push(1)).then(() => order.push(2));
      () => {
        order.push(9)
        Promise.resolve().then(() => order.push(3)).then(() => order.push(4))
        if (++rounds === 2) pe.smc(order.map(BigInt))
      }`)
    expect(untilSmc(guest).slice(0, 7)).toEqual([1n, 2n, 9n, 3n, 4n, 9n, 0n])
  })

  test('takes aborts to the monitor with their syndrome, and injected ones as an exception', () => {
    const { guest, events } = run(`
      try { pe.store32(${IMAGE}, 1) } catch (error) {
        pe.smc([BigInt(error.name === 'SynchronousExternalAbort'), BigInt(Object.isFrozen(error))])
      }
      try { pe.smc([]) } catch (error) { pe.smc([BigInt(error.name === 'UndefinedInstruction')]) }
      () => pe.wfi()`)
    const exit = enter(guest)
    expect(exit.kind === 'sync' && exit.syndrome.far).toBe(BigInt(IMAGE))
    expect(enter(guest)).toEqual(exit)
    expect(nameOf(enter(guest, { answer: 'sea' }))).toBe('smc')
    expect(Array.from(guest.x.subarray(0, 2))).toEqual([1n, 1n])
    untilSmc(guest)
    expect(nameOf(enter(guest, { answer: 'undefined' }))).toBe('smc')
    expect(guest.x[0]).toBe(1n)
    expect(events.filter((event) => event.event === 'fault').length).toBe(2)
  })

  test('gets a TypeError for arguments that no instruction has', () => {
    const { guest } = run(`
      const wrong = [
        () => pe.load('0', 1), () => pe.load(-1, 1), () => pe.load(0.5, 1), () => pe.load(0, -1), () => pe.load(0, 2 ** 40),
        () => pe.store(0, [1]), () => pe.store(0, { length: 1 }), () => pe.store(0, new Uint16Array(1)),
        () => pe.store(0, Object.create(Uint8Array.prototype)), () => pe.store(0, new Proxy(new Uint8Array(1), {})),
        () => pe.load32(1n), () => pe.store32(0, 1n), () => pe.store64(0, 1), () => pe.copy(0, 0, NaN),
        () => pe.smc([1]), () => pe.smc(new Array(32).fill(0n)), () => pe.smc(null), () => pe.smc({ length: -1 }), () => pe.rndr(1e9),
        () => pe.mrs(0), () => pe.mrs('constructor'), () => pe.mrs({ toString: () => 'ISR_EL1' }), () => pe.mrs('S9_0_C0_C0_0'),
        () => pe.msr('ICC_PMR_EL1', 1), () => pe.msr('__proto__', 1n),
      ]
      pe.smc(wrong.map((attempt) => { try { attempt(); return 0n } catch (error) { return BigInt(error instanceof TypeError) } }));
      () => pe.wfi()`)
    expect(untilSmc(guest).slice(0, 25)).toEqual(new Array(25).fill(1n))
  })

  test('draws random numbers that repeat with the seed of the machine', () => {
    const source = 'pe.smc(Array.from(pe.rndr(31), BigInt)); () => pe.wfi()'
    const first = untilSmc(run(source).guest)
    expect(untilSmc(run(source).guest)).toEqual(first)
    expect(untilSmc(run(source, { seed: new Uint8Array(32) }).guest)).not.toEqual(first)
  })

  test('accounts for what it accessed between exits', () => {
    const { guest, events } = run(
      `pe.store(${DATA}, new Uint8Array(100)); pe.load(${DATA}, 10); pe.smc([]); () => pe.wfi()`,
    )
    untilSmc(guest)
    const accesses = events.filter((event) => event.event === 'access')
    expect(accesses.at(-1)).toEqual({ event: 'access', rec: '0x8000f000', block: '0x400000', loaded: 10, stored: 100 })
  })

  test('is preempted after the same instructions in every run', () => {
    const source = `for (let i = 0; ; i++) { pe.store32(${DATA}, i); if (i % 333 === 0) pe.smc([BigInt(i)]) }`
    const trace = (): string[] => {
      const { guest, machine } = run(source, { quantum: 5000 })
      return Array.from({ length: 40 }, () => {
        const kind = nameOf(enter(guest))
        const [value] = machine.memory.bytes.subarray(0).slice(0, 1)
        return `${kind} ${kind === 'smc' ? guest.x[0] : value}`
      })
    }
    const first = trace()
    expect(first.filter((exit) => exit.startsWith('irq')).length).toBeGreaterThan(3)
    expect(trace()).toEqual(first)
  })
})

describe('a PE halts, and waits for interrupts for ever,', () => {
  const cases: [string, string, string][] = [
    ['when its image throws', 'throw new RangeError("no")', 'image-threw'],
    ['when its image does not parse', 'const', 'image-threw'],
    ['when its image ends in no idle vector', '42', 'no-idle-vector'],
    ['when its idle vector throws', '() => { throw null }', 'idle-vector-threw'],
  ]
  test.each(cases)('%s', (_, source, reason) => {
    const started = run(source)
    expect(nameOf(enter(started.guest))).toBe('wait')
    expect(halt(started)).toMatchObject({ rec: '0x8000f000', reason })
    expect(nameOf(enter(started.guest, { trapWaits: false, answer: 'sea' }))).toBe('irq')
  })

  test('when there is no image where it starts', () => {
    const started = run('() => pe.wfi()')
    const address = BASE + started.machine.memory.bytes.indexOf('m'.charCodeAt(0))
    started.machine.memory.write('realm', physicalAddressOf(address), Uint8Array.of(0))
    enter(started.guest)
    expect(halt(started)).toMatchObject({ reason: 'no-image' })
  })

  test('when it computes without end, which the watchdog stops', () => {
    const started = run('pe.smc([]); for (;;);', { watchdogMs: 150 })
    untilSmc(started.guest)
    expect(nameOf(enter(started.guest, { trapWaits: false }))).toBe('irq')
    expect(halt(started)).toMatchObject({ reason: 'watchdog' })
    expect(nameOf(enter(started.guest))).toBe('wait')
  })

  test('without telling what the image threw, unless it is asked to', () => {
    const started = run('throw new Error("secret")', { debugGuests: false })
    enter(started.guest)
    expect(halt(started)).toEqual({ event: 'halt', rec: '0x8000f000', reason: 'image-threw', text: undefined })
    const open = run('throw new Error("seen")')
    enter(open.guest)
    expect(halt(open)).toMatchObject({ text: 'Error: seen' })
  })
})

test('fetching the image needs execute permission, and aborts like any access', () => {
  const { guest, realm, machine } = run('pe.smc([1n]); () => pe.wfi()')
  const address = BASE + machine.memory.bytes.indexOf('m'.charCodeAt(0))
  realm.map(IMAGE, address, 'rw')
  const exit = enter(guest)
  expect(exit.kind === 'sync' && exit.syndrome.esr >> 26n).toBe(0x20n)
  realm.map(IMAGE, address, 'rx')
  expect(untilSmc(guest)[0]).toBe(1n)
})
