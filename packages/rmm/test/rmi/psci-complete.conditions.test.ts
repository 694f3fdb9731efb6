import { describe, expect, test } from 'vitest'
import {
  PSCI_AFFINITY_INFO_64,
  PSCI_ALREADY_ON,
  PSCI_CPU_ON_64,
  PSCI_DENIED,
  PSCI_INVALID_PARAMETERS,
  PSCI_NOT_SUPPORTED,
  PSCI_SUCCESS,
  RMI_ERROR_INPUT,
  RMI_ERROR_REC,
  RMI_PSCI_COMPLETE,
} from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, testRmi } from '../conditions.ts'
import { OFF, ON, psciWorld } from '../psci/psci-world.ts'
import { RAM, type ScriptedRealm } from '../scripted-host.ts'
import type { RealmWorld } from '../small-world.ts'

const CONTEXT = 0xcafen
const ENTRY = BigInt(RAM)

interface PendingWorld extends RealmWorld {
  /** Another Realm, with RECs of the same MPIDRs. */
  readonly other: ScriptedRealm
  /** What the caller gets in x0 to x4 when it goes on. */
  readonly answer: () => readonly bigint[]
}

/** A world in which the first REC has asked, about the REC with MPIDR `target`. */
function asked(fid: bigint, target: number, status: bigint): PendingWorld {
  const made = psciWorld()
  const { host, realm } = made
  let x: readonly bigint[] = []
  realm.begin(function* (cpu) {
    x = yield* cpu.smc([fid, BigInt(target), fid === PSCI_CPU_ON_64 ? ENTRY : 0n, CONTEXT, 4n])
  })
  const answer = () => {
    realm.enter()
    return x.slice(0, 5)
  }
  const other = host.createRealm({ ramPages: 1, recs: [{}, { runnable: false }] })
  return { ...made, other, answer, args: [realm.rec, realm.recs[target]!.address, status] }
}

const world = (): PendingWorld => asked(PSCI_CPU_ON_64, OFF, PSCI_SUCCESS)
const wrongStatus = (name: string, status: number | bigint) => ({
  name: `status: ${name}`,
  x: { 3: status },
  expect: [RMI_ERROR_INPUT],
})

describe('RMI_PSCI_COMPLETE', () => {
  testRmi(RMI_PSCI_COMPLETE, world, [
    { name: 'alias', x: { 2: ({ realm }) => realm.rec }, expect: [RMI_ERROR_INPUT] },
    ...granuleConditions<PendingWorld>(1, 'calling', {
      'the host’s': HOST_PAGE,
      'delegated only': ({ spare }) => spare,
      'an RD': ({ realm }) => realm.rd,
    }),
    ...granuleConditions<PendingWorld>(2, 'target', {
      'the host’s': HOST_PAGE,
      'delegated only': ({ spare }) => spare,
      'an RD': ({ realm }) => realm.rd,
    }),
    {
      name: 'pending: the caller has asked nothing',
      x: { 1: ({ realm }) => realm.recs[ON]!.address },
      expect: [RMI_ERROR_INPUT],
    },
    { name: 'owner: of another Realm', x: { 2: ({ other }) => other.recs[OFF]!.address }, expect: [RMI_ERROR_INPUT] },
    {
      name: 'target: not the one asked about',
      x: { 2: ({ realm }) => realm.recs[ON]!.address },
      expect: [RMI_ERROR_INPUT],
    },
    wrongStatus('positive', 1),
    wrongStatus('NOT_SUPPORTED', PSCI_NOT_SUPPORTED),
    wrongStatus('INVALID_PARAMETERS', PSCI_INVALID_PARAMETERS),
    wrongStatus('ALREADY_ON, which the monitor finds out itself', PSCI_ALREADY_ON),
    wrongStatus('DENIED in 32 bits', PSCI_DENIED & 0xffff_ffffn),
    wrongStatus('next to DENIED', PSCI_DENIED - 0x200n),
  ])

  describe('of CPU_ON', () => {
    test('pending, args: the caller goes on, once, with x1 to x3 zero', () => {
      const { host, args, answer } = world()
      host.demand(RMI_PSCI_COMPLETE, ...args)
      expect(host.status(RMI_PSCI_COMPLETE, ...args)).toEqual([RMI_ERROR_INPUT, 0])
      expect(answer()).toEqual([PSCI_SUCCESS, 0n, 0n, 0n, 4n])
    })

    test('on_success: the target is on, at the entry point, with the context in x0', () => {
      const { host, realm, args } = world()
      host.demand(RMI_PSCI_COMPLETE, ...args)
      const target = host.rmm.monitor.recAt(realm.recs[OFF]!.address)!
      expect(target.runnable).toBe(true)
      expect(target.pc).toBe(ENTRY)
      expect(target.gprs[0]).toBe(CONTEXT)
      expect(realm.recs[OFF]!.enter()).not.toBe(RMI_ERROR_REC)
    })

    test('on_already: of a REC that is on the caller hears so', () => {
      const { host, args, answer } = asked(PSCI_CPU_ON_64, ON, PSCI_SUCCESS)
      host.demand(RMI_PSCI_COMPLETE, ...args)
      expect(answer()[0]).toBe(PSCI_ALREADY_ON)
    })

    test('on_already: also if it runs at that moment', () => {
      const { host, realm, args, answer } = asked(PSCI_CPU_ON_64, ON, PSCI_SUCCESS)
      realm.recs[ON]!.begin(function* (cpu) {
        host.demand(RMI_PSCI_COMPLETE, ...args)
        yield* cpu.wfi()
      })
      expect(answer()[0]).toBe(PSCI_ALREADY_ON)
    })

    test('status: the host may deny it, and the target stays off', () => {
      const { host, realm, args, answer } = asked(PSCI_CPU_ON_64, OFF, PSCI_DENIED)
      host.demand(RMI_PSCI_COMPLETE, ...args)
      expect(answer()[0]).toBe(PSCI_DENIED)
      expect(realm.recs[OFF]!.enter()).toBe(RMI_ERROR_REC)
    })

    // One of the two exceptions to "a failed command changes nothing"; the text refuses the status and no more.
    test('denied for a REC that is on is an input error, and the request is completed with ALREADY_ON', () => {
      const { host, args, answer } = asked(PSCI_CPU_ON_64, ON, PSCI_DENIED)
      expect(host.status(RMI_PSCI_COMPLETE, ...args)).toEqual([RMI_ERROR_INPUT, 0])
      expect(answer()).toEqual([PSCI_ALREADY_ON, 0n, 0n, 0n, 4n])
    })
  })

  describe('of AFFINITY_INFO', () => {
    test.each([
      ['affinity_on', ON, 0n],
      ['affinity_off', OFF, 1n],
    ])('%s: the caller hears it', (_, target, expected) => {
      const { host, args, answer } = asked(PSCI_AFFINITY_INFO_64, target, PSCI_SUCCESS)
      host.demand(RMI_PSCI_COMPLETE, ...args)
      expect(answer()).toEqual([expected, 0n, 0n, 0n, 4n])
    })

    test('the host cannot deny it', () => {
      const { host, args, answer } = asked(PSCI_AFFINITY_INFO_64, OFF, PSCI_DENIED)
      expect(host.status(RMI_PSCI_COMPLETE, ...args)).toEqual([RMI_ERROR_INPUT, 0])
      expect(answer()).toEqual([])
    })
  })
})
