import type { GuestExit } from '@mica/hw-sim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RMI_ERROR_REC, type RmiRecEnter } from '../../src/abi/index.ts'
import { RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'

const register = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

/** Classes that the monitor knows, more often than others. */
const exceptionClass = fc.oneof(fc.constantFrom(0x01n, 0x16n, 0x18n, 0x20n, 0x24n), fc.bigInt({ min: 0n, max: 63n }))

const syndrome = fc.record({
  esr: fc
    .tuple(exceptionClass, fc.bigInt({ min: 0n, max: 2n ** 26n - 1n }))
    .map(([ec, iss]) => (ec << 26n) | iss)
    // An SMC is not an accident.
    .filter((esr) => esr >> 26n !== 0x17n),
  far: register,
  hpfar: fc.oneof(
    register,
    fc.constantFrom(0, RAM, RAM + 0x8000_0, UNPROTECTED, 2 ** 32).map((ipa) => BigInt(ipa / 256)),
  ),
})

const exit: fc.Arbitrary<GuestExit> = fc.oneof(
  { weight: 6, arbitrary: syndrome.map((of) => ({ kind: 'sync' as const, syndrome: of })) },
  { weight: 1, arbitrary: register.map((esr) => ({ kind: 'serror' as const, esr })) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'irq' as const }, { kind: 'fiq' as const }) },
)

const entry: fc.Arbitrary<Partial<RmiRecEnter>> = fc.record({
  flags: fc.bigInt({ min: 0n, max: 31n }),
  gprs: fc.array(register, { maxLength: 31 }),
  gicv3_hcr: fc.constantFrom(0n, 0n, 0n, 0x40fen, 1n),
  gicv3_lrs: fc.array(fc.constantFrom(0n, (1n << 62n) | 40n, (3n << 62n) | 41n, 1n << 61n), { maxLength: 16 }),
})

/** Runs a guest that meets one accident after the other; every entry comes back. */
function runThrough(realm: ScriptedRealm, exits: readonly GuestExit[], entries: readonly Partial<RmiRecEnter>[]): void {
  for (const met of exits) realm.queue.push({ job: (cpu) => cpu.meet(met), done: false })
  for (const asked of entries) {
    const answer = realm.enter(asked)
    if (typeof answer === 'number') expect(answer).toBe(RMI_ERROR_REC)
  }
}

describe('whatever a guest meets, and however the host answers, the monitor goes on and gives the core back', () => {
  test.each([[undefined], ['rmm-spec-v1.0-rel0' as const]])('with firmware %s', (firmware) => {
    const realm = new ScriptedHost({ mica: false, firmware }).createRealm()
    fc.assert(
      fc.property(
        fc.array(exit, { minLength: 1, maxLength: 6 }),
        fc.array(entry, { minLength: 1, maxLength: 8 }),
        (exits, entries) => runThrough(realm, exits, entries),
      ),
      { numRuns: 150 },
    )
  })
})
