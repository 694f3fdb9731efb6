import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import {
  encodeRmiRecParams,
  extendRimRec,
  RMI_ERROR_INPUT,
  RMI_ERROR_REALM,
  RMI_REALM_ACTIVATE,
  RMI_REC_CREATE,
  RMI_REC_DESTROY,
  type RmiRecParams,
} from '../../src/abi/index.ts'
import { type Condition, granuleConditions, HOST_PAGE, testRmi } from '../conditions.ts'
import { PAGE } from '../scripted-host.ts'
import { granuleAt, makeInaccessible, type RealmWorld, rdConditions, realmWorld } from '../small-world.ts'

interface CreateWorld extends RealmWorld {
  readonly members: Record<string, unknown> & RmiRecParams
  readonly rec: number
  readonly params: number
  /** A copy of the params that begins in the middle of a page. */
  readonly unaligned: number
  readonly finish: () => void
}

const AUX = 16

/** A Realm with its first REC, REC 0, and what a second one needs. */
function world(): CreateWorld {
  const made = realmWorld({ activate: false }, () => [])
  const { host, realm } = made
  const [rec, params] = [host.delegated(), host.page()]
  const members: CreateWorld['members'] = {
    flags: 1n,
    mpidr: 1n,
    pc: 0x10_0000n,
    gprs: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n],
    num_aux: BigInt(AUX),
    aux: Array.from({ length: AUX }, () => BigInt(host.delegated())),
  }
  const unaligned = host.page() + PAGE / 2
  host.page()
  const finish = () => {
    for (const place of [params, unaligned]) host.write(place, encodeRmiRecParams(members))
  }
  return { ...made, args: [realm.rd, rec, params], members, rec, params, unaligned, finish }
}

/** A world in which the params are written. */
function ready(change: Partial<RmiRecParams> = {}): CreateWorld {
  const made = world()
  Object.assign(made.members, change)
  made.finish()
  return made
}

/** One of the auxiliary granules is not what it has to be. */
function aux(name: string, place: number, granule: (world: CreateWorld) => number): Condition<CreateWorld> {
  return {
    name,
    arrange: (made) => {
      const { members } = made
      Object.assign(members, { aux: members.aux.with(place, BigInt(granule(made))) })
    },
    expect: [RMI_ERROR_INPUT],
  }
}

function wrong(name: string, members: Partial<RmiRecParams>): Condition<CreateWorld> {
  return { name, members, expect: [RMI_ERROR_INPUT] }
}

describe('RMI_REC_CREATE', () => {
  testRmi(RMI_REC_CREATE, world, [
    { name: 'params_align: all in its place', x: { 3: ({ unaligned }) => unaligned }, expect: [RMI_ERROR_INPUT] },
    ...granuleConditions<CreateWorld>(3, 'params', { 'not the host’s': ({ spare }) => spare }),
    {
      name: 'params_pas',
      arrange: ({ host, params }) => makeInaccessible(host, params),
      expect: [RMI_ERROR_INPUT],
    },
    ...granuleConditions<CreateWorld>(2, 'rec', {
      'the host’s': HOST_PAGE,
      'a REC': ({ realm }) => realm.rec,
      'the rd': ({ realm }) => realm.rd,
    }),
    // The text gives auxiliary granules no place in the order; the recorded firmware looks at them before the Realm.
    wrong('num_aux: more than there is room for', { num_aux: 17n }),
    aux('aux_align', 3, ({ spare }) => spare + 0x800),
    aux('aux_state: the first is the host’s', 0, () => HOST_PAGE),
    aux('aux_state: the last is the host’s', AUX - 1, () => HOST_PAGE),
    aux('aux_state: one is not memory', 5, () => 0),
    aux('aux_state: one is the rd', 5, ({ realm }) => realm.rd),
    aux('aux_alias: one twice', 1, ({ members }) => Number(members.aux[0])),
    aux('aux_alias: one is the REC', 1, ({ rec }) => rec),
    ...rdConditions,
    {
      name: 'realm_state: active',
      arrange: ({ host, realm }) => void host.demand(RMI_REALM_ACTIVATE, realm.rd),
      expect: [RMI_ERROR_REALM],
    },
    {
      name: 'num_recs: as many as there can be',
      arrange: ({ host, realm }) => {
        // Each REC holds a reference to the rd: as if there were 1,022 more of them.
        host.rmm.monitor.granules.addReference(realm.realm.identity.granule, 2 ** 10 - 2)
      },
      expect: [RMI_ERROR_REALM],
    },
    wrong('mpidr_index: that of REC 0', { mpidr: 0n }),
    wrong('mpidr_index: not the next', { mpidr: 2n }),
    wrong('mpidr_index: a bit outside the affinity fields', { mpidr: 0x8000_0001n }),
    wrong('mpidr_index: a bit of the upper half', { mpidr: 0x1_0000_0001n }),
    wrong('num_aux: too few', { num_aux: 15n }),
    wrong('num_aux: none', { num_aux: 0n }),
  ])

  test('all granules take their states', () => {
    const { host, args, members, rec } = ready()
    host.demand(RMI_REC_CREATE, ...args)
    expect(granuleAt(host, rec)).toEqual({ state: 'rec', pas: 'realm' })
    for (const granule of members.aux) expect(granuleAt(host, Number(granule)).state).toBe('rec-aux')
  })

  test('the REC begins at pc, with eight registers', () => {
    const { host, args, realm, rec } = ready()
    host.demand(RMI_REC_CREATE, ...args)
    const made = host.rmm.monitor.recAt(rec)!
    expect(made.realm.rd).toBe(realm.rd)
    expect(made).toMatchObject({ mpidr: 1, pc: 0x10_0000n, gprs: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n], runnable: true })
  })

  test('a runnable REC is measured: flags, pc and registers', () => {
    const { host, args, realm, members } = ready({ flags: 1n })
    const expected = extendRimRec(realm.rim, members, sha256)
    expect(expected).not.toEqual(realm.rim)
    host.demand(RMI_REC_CREATE, ...args)
    expect(realm.rim).toEqual(expected)
  })

  test('a REC that is not runnable is not measured', () => {
    const { host, args, realm, rec } = ready({ flags: 0n })
    const { rim } = realm
    host.demand(RMI_REC_CREATE, ...args)
    expect(realm.rim).toEqual(rim)
    expect(host.rmm.monitor.recAt(rec)!.runnable).toBe(false)
  })

  test('indices count on when RECs are destroyed: the next MPIDR is never used twice', () => {
    const { host, args, rec, members, params } = ready()
    host.demand(RMI_REC_CREATE, ...args)
    host.demand(RMI_REC_DESTROY, rec)
    expect(host.status(RMI_REC_CREATE, ...args)).toEqual([RMI_ERROR_INPUT, 0])
    host.write(params, encodeRmiRecParams({ ...members, mpidr: 2n }))
    expect(host.status(RMI_REC_CREATE, ...args)).toEqual([0, 0])
  })

  test.each([
    [15, 0xfn],
    [16, 0x100n],
    [1022, 0x3f0en],
  ])('REC %d has its index in Aff0 and Aff1 of its MPIDR', (index, mpidr) => {
    const { host, args, realm } = ready({ mpidr })
    realm.realm.nextRecIndex = index
    expect(host.status(RMI_REC_CREATE, ...args)).toEqual([0, 0])
  })
})
