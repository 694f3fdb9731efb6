import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import {
  extendRimData,
  RMI_DATA_CREATE,
  RMI_DATA_DESTROY,
  RMI_ERROR_INPUT,
  RMI_ERROR_REALM,
  RMI_REALM_ACTIVATE,
  RMI_RTT_INIT_RIPAS,
} from '../../src/abi/index.ts'
import { granuleConditions, HOST_PAGE, rttError, testRmi } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import {
  contentOf,
  entryAt,
  granuleAt,
  makeInaccessible,
  type RealmWorld,
  rdConditions,
  realmWorld,
} from '../small-world.ts'

const FREE = 0x20_0000
const MEASURE = 1
const CONTENT = Uint8Array.from({ length: PAGE }, (_, i) => i)

const world = (): RealmWorld =>
  realmWorld({ activate: false }, (realm, host) => [realm.rd, host.delegated(), FREE, host.page(CONTENT), MEASURE])

const activate = ({ host, realm }: RealmWorld): void => void host.demand(RMI_REALM_ACTIVATE, realm.rd)
const refuseSource = ({ host, args }: RealmWorld): void => makeInaccessible(host, Number(args[3]))

describe('RMI_DATA_CREATE', () => {
  testRmi(RMI_DATA_CREATE, world, [
    // The text has no condition about reserved flags, which should be zero; the recorded firmware refuses them.
    { name: 'flags: a reserved one', x: { 5: 2 }, expect: [RMI_ERROR_INPUT] },
    { name: 'flags: a reserved one beside the one there is', x: { 5: 3 }, expect: [RMI_ERROR_INPUT] },
    ...granuleConditions<RealmWorld>(4, 'src', { 'not the host’s': ({ spare }) => spare }),
    ...granuleConditions<RealmWorld>(2, 'data', {
      'the host’s': HOST_PAGE,
      'memory of a Realm': ({ realm }) => realm.ram[0]!,
    }),
    ...rdConditions,
    { name: 'realm_state: active', arrange: activate, expect: [RMI_ERROR_REALM] },
    { name: 'ipa_align', x: { 3: FREE + 8 }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: unprotected', x: { 3: UNPROTECTED }, expect: [RMI_ERROR_INPUT] },
    { name: 'ipa_bound: beyond the address space', x: { 3: 2n ** 64n - 0x1000n }, expect: [RMI_ERROR_INPUT] },
    { name: 'rtt_walk: no table of level 2', x: { 3: 0x4000_0000 }, expect: rttError(1) },
    { name: 'rtt_walk: no table of level 3', x: { 3: 0x40_0000 }, expect: rttError(2) },
    { name: 'rtte_state: assigned', x: { 3: RAM }, expect: rttError(3) },
    // Of equal right in the text, src_pas comes last in the recorded firmware: it finds out by reading.
    { name: 'src_pas', arrange: refuseSource, expect: [RMI_ERROR_INPUT] },
  ])

  test('the granule is memory of the Realm, with the content of the source, and RAM', () => {
    const { host, realm, args } = world()
    host.demand(RMI_DATA_CREATE, ...args)
    const data = Number(args[1])
    expect(granuleAt(host, data)).toEqual({ state: 'data', pas: 'realm' })
    expect(contentOf(host, data)).toEqual(CONTENT)
    expect(entryAt(realm, FREE)).toEqual({ level: 3, state: 'assigned', descriptor: data, ripas: 'ram' })
  })

  test.each([
    ['with its content', MEASURE],
    ['without its content', 0],
  ])('the page is measured %s if the flags say so', (_, flags) => {
    const { host, realm, args } = world()
    const expected = extendRimData(realm.rim, FREE, BigInt(flags), CONTENT, sha256)
    host.demand(RMI_DATA_CREATE, ...args.slice(0, 4), flags)
    expect(realm.rim).toEqual(expected)
  })

  test('the host goes on having its source', () => {
    const { host, args } = world()
    host.demand(RMI_DATA_CREATE, ...args)
    expect(granuleAt(host, Number(args[3]))).toEqual({ state: 'undelegated', pas: 'nonSecure' })
    expect(contentOf(host, Number(args[3]))).toEqual(CONTENT)
  })

  test.each([
    ['empty', () => undefined],
    ['ram', ({ host, realm }: RealmWorld) => void host.demand(RMI_RTT_INIT_RIPAS, realm.rd, FREE, FREE + PAGE)],
    // The text lets a Realm go on from destroyed memory only when it has agreed; so early there is nobody to ask.
    [
      'destroyed',
      ({ host, realm, spare, args }: RealmWorld) => {
        host.demand(RMI_DATA_CREATE, realm.rd, spare, FREE, args[3]!, 0)
        host.demand(RMI_DATA_DESTROY, realm.rd, FREE)
      },
    ],
  ])('an address whose RIPAS was %s becomes RAM', (before, arrange) => {
    const made = world()
    arrange(made)
    expect(entryAt(made.realm, FREE).ripas).toBe(before)
    made.host.demand(RMI_DATA_CREATE, ...made.args)
    expect(entryAt(made.realm, FREE).ripas).toBe('ram')
  })
})
