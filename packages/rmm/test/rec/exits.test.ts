import { EC, esrOf, type GuestExit, SYSREG, type Syndrome } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import {
  RMI_ENTER_EMUL_MMIO,
  RMI_ENTER_INJECT_SEA,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_ERROR_REC,
  RMI_EXIT_FIQ,
  RMI_EXIT_IRQ,
  RMI_EXIT_SERROR,
  RMI_EXIT_SYNC,
  RMI_REALM_FLAG_SVE,
  type RmiRecEnter,
  type RmiRecExit,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'

const realmAlone = (): ScriptedRealm => new ScriptedHost({ mica: false }).createRealm()

/** Lets a guest meet something from outside; the first exit, and the exception that it took. */
function meet(exit: GuestExit, enter: Partial<RmiRecEnter> = {}) {
  const realm = realmAlone()
  const { exits, exception, value } = realm.perform(function* (cpu) {
    yield* cpu.meet(exit)
    return 'went on'
  }, enter)
  return { exit: exits[0]!, exits, exception, value }
}

const sync = (esr: bigint, ipa = 0): GuestExit => {
  const syndrome: Syndrome = { esr, far: BigInt(ipa), hpfar: (BigInt(ipa) >> 12n) << 4n }
  return { kind: 'sync', syndrome }
}

/** Members of an exit that are not zero, other than of the interrupt controller. */
function told(exit: RmiRecExit): Partial<RmiRecExit> {
  const entries = Object.entries(exit).filter(([name, value]) => {
    if (name.startsWith('gicv3')) return false
    return Array.isArray(value) ? value.some((word) => word !== 0n) : BigInt(value) !== 0n
  })
  return Object.fromEntries(entries)
}

describe('physical interrupts', () => {
  test('reach the host as what they are', () => {
    expect(meet({ kind: 'irq' }).exit.exit_reason).toBe(RMI_EXIT_IRQ)
    expect(meet({ kind: 'fiq' }).exit.exit_reason).toBe(RMI_EXIT_FIQ)
  })
})

describe('waits', () => {
  test.each([
    ['WFI', 0n, RMI_ENTER_TRAP_WFI],
    ['WFE', 1n, RMI_ENTER_TRAP_WFE],
  ] as const)('by %s reach the host if it asked for that, and which wait it was', (name, isWfe, flag) => {
    const realm = realmAlone()
    const wait = (flags: bigint) =>
      realm.perform(
        function* (cpu) {
          yield* name === 'WFI' ? cpu.wfi() : cpu.wfe()
        },
        { flags },
      ).exits[0]!
    expect(told(wait(flag))).toEqual({ esr: (BigInt(EC.wfx) << 26n) | isWfe })
    expect(wait(0n).exit_reason).toBe(RMI_EXIT_IRQ)
  })
})

describe('an SError', () => {
  const AET = { uncontainable: 0n, unrecoverable: 1n, restartable: 2n, recoverable: 3n, corrected: 6n }
  const serror = (aet: bigint): GuestExit => ({ kind: 'serror', esr: esrOf(EC.serror, (aet << 10n) | 0x11n) })

  test.each([
    ['corrected', undefined],
    ['restartable', undefined],
    ['recoverable', 'SErrorInterrupt'],
    ['unrecoverable', 'SErrorInterrupt'],
    ['uncontainable', 'SErrorInterrupt'],
  ] as const)('that is %s reaches the host, and ends in the Realm with %s', (name, exception) => {
    const met = meet(serror(AET[name]))
    expect(met.exit.exit_reason).toBe(RMI_EXIT_SERROR)
    expect(met.exit.esr).toBe((AET[name] << 10n) | 0x11n)
    expect(met.exception).toBe(exception)
  })
})

describe('an external abort', () => {
  const external = (set: bigint, ec: number = EC.dataAbort): GuestExit =>
    sync(esrOf(ec, (1n << 24n) | (set << 11n) | (1n << 6n) | 0x10n), UNPROTECTED + PAGE)

  test('that is recoverable reaches host and Realm; the host learns no address', () => {
    const met = meet(external(0n))
    expect(told(met.exit)).toEqual({ esr: (BigInt(EC.dataAbort) << 26n) | 0x10n })
    expect(met.exception).toBe('SynchronousExternalAbort')
  })

  test('that is restartable reaches the host only', () => {
    const met = meet(external(3n))
    expect(met.exit.esr).toBe((BigInt(EC.dataAbort) << 26n) | (3n << 11n) | 0x10n)
    expect(met.exception).toBeUndefined()
  })

  test('of a fetch is told as one', () => {
    expect(told(meet(external(3n, EC.instructionAbort)).exit).esr).toBe(
      (BigInt(EC.instructionAbort) << 26n) | (3n << 11n) | 0x10n,
    )
  })
})

describe('instructions that no Realm has', () => {
  test.each([
    ['HVC', EC.hvc],
    ['a scalable vector instruction', EC.sve],
    ['a matrix instruction', EC.sme],
  ])('%s is undefined, and the host hears nothing', (_, ec) => {
    const met = meet(sync(esrOf(ec, 0n)))
    expect(met.exception).toBe('UndefinedInstruction')
    expect(met.exits.map((exit) => exit.exit_reason)).toEqual([RMI_EXIT_IRQ])
  })

  test('an exception that the monitor does not know leaves to the host, which is not told what it is', () => {
    const met = meet(sync(esrOf(0x3c, 0xf000n), RAM))
    expect(met.exit.exit_reason).toBe(RMI_EXIT_SYNC)
    expect(told(met.exit)).toEqual({})
    expect(met.value).toBe('went on')
  })
})

describe('vector registers', () => {
  const platform = { ID_AA64PFR0_EL1: 1n << 32n, ZCR_EL2: 1n }

  /** How the traps of a guest end, all in one entry. */
  function traps(classes: readonly number[], flags = 0n): (string | undefined)[] {
    const realm = new ScriptedHost({ mica: false, identification: platform }).createRealm({ flags })
    const { exits, value } = realm.perform(function* (cpu) {
      const ends: (string | undefined)[] = []
      for (const ec of classes) {
        try {
          yield* cpu.meet(sync(esrOf(ec, 0n)))
          ends.push(undefined)
        } catch (error) {
          ends.push((error as Error).name)
        }
      }
      return ends
    })
    expect(exits.map((exit) => exit.exit_reason)).toEqual([RMI_EXIT_IRQ])
    return value!
  }

  test('are there for every Realm when it uses them, and the host hears nothing', () => {
    expect(traps([EC.simd])).toEqual([undefined])
  })

  test('are scalable for a Realm that asked for that', () => {
    expect(traps([EC.sve], RMI_REALM_FLAG_SVE)).toEqual([undefined])
    expect(traps([EC.sve])).toEqual(['UndefinedInstruction'])
  })

  test('may be meant by a trap of SME only while the PE has not given them to such a Realm', () => {
    expect(traps([EC.sme, EC.sme], RMI_REALM_FLAG_SVE)).toEqual([undefined, 'UndefinedInstruction'])
    expect(traps([EC.sve, EC.sme], RMI_REALM_FLAG_SVE)).toEqual([undefined, 'UndefinedInstruction'])
    expect(traps([EC.sme])).toEqual(['UndefinedInstruction'])
  })
})

describe('a guest in AArch32', () => {
  /** A load of unprotected memory from there. */
  function load() {
    const realm = realmAlone()
    realm.perform((cpu) => cpu.wfe())
    const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
    guest!.system[SYSREG.SPSR_EL2] = 0x10n
    const exit = realm.begin((cpu) => cpu.meet(sync(esrOf(EC.dataAbort, (1n << 24n) | 7n), UNPROTECTED + 0x123)))
    return { realm, exit: exit as RmiRecExit }
  }

  test('has no access that the host could emulate, and it is told as little as of protected memory', () => {
    const { realm, exit } = load()
    expect(told(exit)).toEqual({ esr: (BigInt(EC.dataAbort) << 26n) | 7n, hpfar: BigInt(UNPROTECTED >>> 8) })
    expect(realm.enter({ flags: RMI_ENTER_EMUL_MMIO })).toBe(RMI_ERROR_REC)
  })

  test('can be given an external abort', () => {
    expect(load().realm.enter({ flags: RMI_ENTER_INJECT_SEA })).not.toBe(RMI_ERROR_REC)
  })
})

describe('a fetch', () => {
  const abort = (ipa: number, fsc = 7n): GuestExit => sync(esrOf(EC.instructionAbort, fsc), ipa)

  test('from unprotected memory, or from memory declared empty, ends in the Realm', () => {
    expect(meet(abort(UNPROTECTED)).exception).toBe('SynchronousExternalAbort')
    expect(meet(abort(0)).exception).toBe('SynchronousExternalAbort')
  })

  test('that translation did not stop is told without its syndrome', () => {
    expect(told(meet(abort(RAM)).exit)).toEqual({
      esr: (BigInt(EC.instructionAbort) << 26n) | 7n,
      hpfar: BigInt(RAM >> 8),
    })
    expect(told(meet(abort(RAM, 0xfn)).exit)).toEqual({})
  })

  test('that finds no table at level -1 is told like others, but not by the recorded firmware', () => {
    const LEVEL_MINUS_1 = 0x2bn
    const exit = (firmware?: 'rmm-spec-v1.0-rel0') => {
      const realm = new ScriptedHost({ mica: false, firmware }).createRealm()
      return told(realm.begin((cpu) => cpu.meet(abort(RAM, LEVEL_MINUS_1))) as RmiRecExit)
    }
    const esr = (BigInt(EC.instructionAbort) << 26n) | LEVEL_MINUS_1
    expect(exit()).toEqual({ esr, hpfar: BigInt(RAM >> 8) })
    expect(exit('rmm-spec-v1.0-rel0')).toEqual({})
  })
})

test('an injected exception leaves in the registers of EL1 what a PE leaves there', () => {
  const realm = realmAlone()
  const { value } = realm.perform(function* (cpu) {
    try {
      yield* cpu.store32(0x3008, 1)
    } catch {
      return [yield* cpu.mrs('ESR_EL1'), yield* cpu.mrs('FAR_EL1'), yield* cpu.mrs('SPSR_EL1')]
    }
    return []
  })
  const iss = (1n << 24n) | (2n << 22n) | (1n << 6n) | (1n << 9n) | 0x10n
  expect(value).toEqual([esrOf(EC.dataAbortSameEl, iss), 0x3008n, 0x3c5n])
  const { guest } = realm.host.rmm.monitor.recAt(realm.rec)!
  expect(guest!.system[SYSREG.ELR_EL1]).toBe(0n)
})

test('an undefined instruction has no address: FAR_EL1 stays as it was', () => {
  const realm = realmAlone()
  const { value } = realm.perform(function* (cpu) {
    yield* cpu.msr('FAR_EL1', 5n)
    try {
      yield* cpu.meet(sync(esrOf(EC.hvc, 0n), RAM))
    } catch {
      return yield* cpu.mrs('FAR_EL1')
    }
    return 0n
  })
  expect(value).toBe(5n)
})
