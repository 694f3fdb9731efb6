import { EC, esrOf, type GuestExit, ISS_WNR } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import {
  RMI_ENTER_EMUL_MMIO,
  RMI_ENTER_INJECT_SEA,
  RMI_ERROR_REC,
  RMI_EXIT_SYNC,
  type RmiRecExit,
} from '../../src/abi/index.ts'
import {
  type HostOptions,
  type Job,
  PAGE,
  RAM,
  ScriptedHost,
  type ScriptedRealm,
  UNPROTECTED,
} from '../scripted-host.ts'

/** An unprotected address at which the host has a device instead of memory. */
const DEVICE = UNPROTECTED + PAGE

const realmAlone = (options: HostOptions = {}): ScriptedRealm =>
  new ScriptedHost({ mica: false, ...options }).createRealm()

/** A device of the host: two counters of 64 bits, told from each other by bit 3 of the address; reading adds one. */
class Counters {
  readonly #values = [0n, 0n]

  /** Answers an exit: the value of a load. */
  answer(exit: RmiRecExit): bigint {
    const index = Number((exit.far >> 3n) & 1n)
    if ((exit.esr & ISS_WNR) === 0n) return this.#values[index]!++
    this.#values[index] = exit.gprs[0]!
    return 0n
  }
}

/** Runs a job, with counters as the host's device. */
function withDevice<T>(job: Job<T>): T | undefined {
  const realm = realmAlone()
  const counters = new Counters()
  const queued: { value?: T } = {}
  let exit = realm.begin(function* (cpu) {
    queued.value = yield* job(cpu)
  })
  while (typeof exit !== 'number' && exit.exit_reason === RMI_EXIT_SYNC) {
    exit = realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [counters.answer(exit)] })
  }
  return queued.value
}

test('a program of a Realm drives a device of the host with loads and stores of registers', () => {
  const read = withDevice(function* (cpu) {
    yield* cpu.store32(DEVICE, 41)
    yield* cpu.store64(DEVICE + 8, 2n ** 63n)
    const first = yield* cpu.load32(DEVICE)
    const second = yield* cpu.load32(DEVICE)
    const wide = yield* cpu.load64(DEVICE + 8)
    return [BigInt(first), BigInt(second), wide, yield* cpu.load64(DEVICE + 8)]
  })
  expect(read).toEqual([41n, 42n, 2n ** 63n, 2n ** 63n + 1n])
})

test('the host sees of a store its value, as wide as it is, and where in its page; of a load no register', () => {
  const realm = realmAlone()
  const store = realm.begin((cpu) => cpu.store32(DEVICE + 0x20, 0x8765_4321))
  expect(store).toMatchObject({
    exit_reason: RMI_EXIT_SYNC,
    far: 0x20n,
    hpfar: BigInt(DEVICE / 256),
    gprs: [0x8765_4321n, ...new Array(30).fill(0n)],
  })
  const load = realmAlone().begin((cpu) => cpu.load32(DEVICE))
  expect(load).toMatchObject({ gprs: new Array(31).fill(0n) })
})

describe('an emulated load', () => {
  const load = (sas: bigint, sign: bigint, wide: bigint, register = 5n): GuestExit => {
    const iss = (1n << 24n) | (sas << 22n) | (sign << 21n) | (register << 16n) | (wide << 15n) | 7n
    return { kind: 'sync', syndrome: { esr: esrOf(EC.dataAbort, iss), far: 0n, hpfar: BigInt(DEVICE / 256) } }
  }
  const VALUE = 0x8182_8384_8586_8788n

  test.each([
    ['a byte', load(0n, 0n, 0n), 0x88n],
    ['a signed byte in 32 bits', load(0n, 1n, 0n), 0xffff_ff88n],
    ['a signed byte in 64 bits', load(0n, 1n, 1n), 0xffff_ffff_ffff_ff88n],
    ['a halfword', load(1n, 0n, 0n), 0x8788n],
    ['a signed halfword in 64 bits', load(1n, 1n, 1n), 0xffff_ffff_ffff_8788n],
    ['a word', load(2n, 0n, 0n), 0x8586_8788n],
    ['a signed word in 64 bits', load(2n, 1n, 1n), 0xffff_ffff_8586_8788n],
    ['a doubleword', load(3n, 0n, 1n), VALUE],
    ['nothing, into the zero register', load(3n, 0n, 1n, 31n), 0x1234n],
  ])('leaves %s in its register', (_, exit, expected) => {
    const realm = realmAlone()
    realm.begin((cpu) => cpu.meet(exit))
    const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
    guest!.x[5] = 0x1234n
    realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [VALUE] })
    expect(guest!.x[5]).toBe(expected)
  })
})

describe('a host may', () => {
  test('let the guest try again instead: after it has mapped memory there, the access goes on', () => {
    const realm = realmAlone()
    const queued: { value?: number } = {}
    realm.begin(function* (cpu) {
      queued.value = yield* cpu.load32(DEVICE)
    })
    const page = realm.host.page(Uint8Array.of(7, 0, 0, 0))
    expect(realm.mapUnprotected(page, DEVICE)).toEqual([0, 0])
    realm.enter()
    expect(queued.value).toBe(7)
  })

  test('refuse the access, which then ends in the Realm, even if it asks for emulation as well', () => {
    for (const flags of [RMI_ENTER_INJECT_SEA, RMI_ENTER_INJECT_SEA | RMI_ENTER_EMUL_MMIO]) {
      const realm = realmAlone()
      const caught: string[] = []
      realm.begin(function* (cpu) {
        try {
          yield* cpu.load32(DEVICE)
        } catch (error) {
          caught.push((error as Error).name)
        }
      })
      expect(realm.enter({ flags })).toMatchObject({ esr: 0n })
      expect(caught).toEqual(['SynchronousExternalAbort'])
    }
  })

  test('not emulate what moves more than a register', () => {
    const realm = realmAlone()
    realm.begin((cpu) => cpu.load(DEVICE, 8))
    expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO })).toBe(RMI_ERROR_REC)
    expect(realm.enter({ flags: RMI_ENTER_INJECT_SEA })).toMatchObject({ esr: 0n })
  })

  test('not answer an external abort, whose address nobody knows', () => {
    const realm = realmAlone()
    const esr = esrOf(EC.dataAbort, (1n << 24n) | (3n << 11n) | 0x10n)
    realm.begin((cpu) => cpu.meet({ kind: 'sync', syndrome: { esr, far: 0n, hpfar: BigInt(DEVICE / 256) } }))
    for (const flags of [RMI_ENTER_EMUL_MMIO, RMI_ENTER_INJECT_SEA]) expect(realm.enter({ flags })).toBe(RMI_ERROR_REC)
  })

  test('not answer an exit twice, nor one that is over', () => {
    const realm = realmAlone()
    realm.begin((cpu) => cpu.store32(DEVICE, 1))
    expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO })).toMatchObject({ esr: 0n })
    for (const flags of [RMI_ENTER_EMUL_MMIO, RMI_ENTER_INJECT_SEA]) expect(realm.enter({ flags })).toBe(RMI_ERROR_REC)
  })

  test('answer after a failed entry as if it had not been', () => {
    const realm = realmAlone()
    realm.begin((cpu) => cpu.store32(DEVICE, 1))
    expect(realm.enter({ gicv3_hcr: 1n, flags: RMI_ENTER_EMUL_MMIO })).toBe(RMI_ERROR_REC)
    expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO })).toMatchObject({ esr: 0n })
  })
})

describe('a load from protected memory that the host has taken away', () => {
  const takenAway = (options: HostOptions): { realm: ScriptedRealm; loaded: number[] } => {
    const realm = realmAlone(options)
    const loaded: number[] = []
    const ipa = RAM + 24 * PAGE
    const { syndrome } = { syndrome: { esr: esrOf(EC.dataAbort, (1n << 24n) | (2n << 22n) | 7n), far: 0n } }
    realm.begin(function* (cpu) {
      yield* cpu.meet({ kind: 'sync', syndrome: { ...syndrome, hpfar: BigInt((ipa - PAGE) / 256) } })
      loaded.push(1)
    })
    return { realm, loaded }
  }

  test('cannot be answered with a value of the host’s choice', () => {
    const { realm, loaded } = takenAway({})
    expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [0xbadn] })).toBe(RMI_ERROR_REC)
    expect(realm.enter({ flags: RMI_ENTER_INJECT_SEA })).toBe(RMI_ERROR_REC)
    expect(loaded).toEqual([])
  })

  test('could be in the recorded firmware, and can where that is asked for', () => {
    const { realm } = takenAway({ firmware: 'rmm-spec-v1.0-rel0' })
    realm.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [0xbadn] })
    expect(realm.host.rmm.monitor.recAt(realm.rec)!.guest!.x[0]).toBe(0xbadn)
  })
})
