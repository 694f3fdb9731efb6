import { describe, expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  MICA_ALL_MEMORIES,
  RMI_DATA_DESTROY_SHARED,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_POLICY_STATUS,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { type Condition, type GuestWorld, testGuestCall, testGuestErrors, type Word } from '../conditions.ts'
import { RAM, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { BACK, BOARD, Club, CODE, IPA, LINE, type Name } from './club.ts'

interface ClubWorld extends GuestWorld {
  readonly club: Club
  readonly caller: ScriptedRealm
}

/** A club in which everyone has uploaded; `name` calls. */
function world(name: Name, args: readonly Word[], arrange: (club: Club) => void = () => {}): ClubWorld {
  const club = new Club().uploadAll()
  arrange(club)
  const caller = club.realm(name)
  return { club, caller, host: club.host, rec: caller.recs[0]!, args }
}

const leaves = (memory: bigint | number) => (of: ClubWorld) => void of.caller.call(RSI_MICA_LEAVE, memory)

const memories = (...others: readonly (readonly [what: string, memory: Word])[]): Condition<ClubWorld>[] =>
  [
    ['after the last', 4] as const,
    ['the upper half counts', 2n ** 32n] as const,
    ['no index', 2n ** 64n - 2n] as const,
    ...others,
  ].map(([what, memory]) => ({ name: `memory: ${what}`, x: { 1: memory }, expect: [RSI_ERROR_INPUT] }))

describe('RSI_MICA_POLICY_STATUS', () => {
  testGuestCall(
    RSI_MICA_POLICY_STATUS,
    () => world('ann', [RAM]),
    [
      { name: 'addr_align', x: { 1: RAM + 0x80 }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: unprotected', x: { 1: UNPROTECTED }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: no address', x: { 1: 2n ** 64n - 0x100n }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: shared memory', x: { 1: IPA[BOARD] }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: nothing declared', x: { 1: RAM + 64 * 4096 }, expect: [RSI_ERROR_INPUT] },
    ],
    () => [RSI_SUCCESS],
  )
})

describe('RSI_MICA_CHANNEL_INFO', () => {
  testGuestCall(
    RSI_MICA_CHANNEL_INFO,
    () => world('ann', [BOARD, 0, 0, 0, 0]),
    memories(),
    () => [RSI_SUCCESS, IPA[BOARD], 8192, 11, 2, 0],
  )
  testGuestCall(
    RSI_MICA_CHANNEL_INFO,
    () => world('bob', [BOARD, 0, 0, 0, 0]),
    memories(['no place in it', CODE]),
    () => [RSI_SUCCESS, IPA[BOARD], 8192, 1, 2, 0],
  )
})

describe('RSI_MICA_NOTIFY', () => {
  testGuestCall(
    RSI_MICA_NOTIFY,
    () => world('ann', [LINE]),
    [
      ...memories(['no right to write', BACK], ['may only be executed', CODE]),
      { name: 'left', arrange: leaves(LINE), expect: [RSI_ERROR_STATE] },
    ],
    () => [RSI_SUCCESS],
  )
})

describe('RSI_MICA_CREDIT', () => {
  testGuestCall(
    RSI_MICA_CREDIT,
    () => world('bob', [LINE]),
    [
      ...memories(['no right to read', BACK], ['not paced', BOARD], ['no place in it', CODE]),
      { name: 'left', arrange: leaves(LINE), expect: [RSI_ERROR_STATE] },
      {
        name: 'early',
        arrange: ({ caller }) => void caller.call(RSI_MICA_CREDIT, LINE),
        expect: [RSI_ERROR_STATE],
      },
    ],
    () => [RSI_SUCCESS],
  )
})

describe('RSI_MICA_LEAVE', () => {
  testGuestCall(
    RSI_MICA_LEAVE,
    () => world('ann', [BOARD]),
    [...memories(), { name: 'left', arrange: leaves(BOARD), expect: [RSI_ERROR_STATE] }],
    () => [RSI_SUCCESS],
  )
  testGuestCall(
    RSI_MICA_LEAVE,
    () => world('bob', [MICA_ALL_MEMORIES]),
    [{ name: 'left', arrange: leaves(MICA_ALL_MEMORIES), expect: [RSI_ERROR_STATE] }],
    () => [RSI_SUCCESS],
  )
})

describe('RSI_MICA_REJOIN', () => {
  testGuestCall(
    RSI_MICA_REJOIN,
    () => world('cat', [BOARD], ({ cat }) => void cat.call(RSI_MICA_LEAVE, BOARD)),
    [
      ...memories(['no place in it', LINE]),
      { name: 'held', x: { 1: CODE }, excludes: ['holder'], expect: [RSI_ERROR_STATE] },
      {
        name: 'early',
        arrange: ({ caller }) => {
          caller.call(RSI_MICA_REJOIN, BOARD)
          caller.call(RSI_MICA_LEAVE, BOARD)
        },
        expect: [RSI_ERROR_STATE],
      },
      {
        name: 'covered',
        arrange: ({ host, caller }) => host.demand(RMI_DATA_DESTROY_SHARED, caller.rd, IPA[BOARD] + 4096),
        expect: [RSI_ERROR_INPUT, 103],
      },
      {
        name: 'revoked',
        arrange: ({ club }) => void club.ann.call(RSI_MICA_REVOKE, BOARD),
        excludes: ['holder'],
        expect: [RSI_ERROR_INPUT, 107],
      },
      {
        name: 'holder',
        arrange: ({ club, caller }) => {
          caller.call(RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
          expect(club.inherit()).toEqual([0, 0])
        },
        expect: [RSI_ERROR_INPUT, 62],
      },
    ],
    () => [RSI_SUCCESS],
  )
})

describe('RSI_MICA_REVOKE', () => {
  testGuestErrors(RSI_MICA_REVOKE, () => world('ann', [BOARD, 1, 2, 3, 4, 5, 6, 7, 8]), [
    ...memories(['not an owner', LINE]),
    { name: 'left', arrange: leaves(BOARD), expect: [RSI_ERROR_STATE] },
  ])
})

test.each([
  ['CHANNEL_INFO', RSI_MICA_CHANNEL_INFO],
  ['NOTIFY', RSI_MICA_NOTIFY],
  ['CREDIT', RSI_MICA_CREDIT],
  ['LEAVE', RSI_MICA_LEAVE],
  ['REJOIN', RSI_MICA_REJOIN],
  ['REVOKE', RSI_MICA_REVOKE],
])('without a policy RSI_MICA_%s fails, whatever it names, and changes nothing', (_, fid) => {
  const { host, ann } = new Club()
  for (const memory of [LINE, 99, MICA_ALL_MEMORIES]) {
    const { value } = ann.perform(function* (cpu) {
      const before = machineState(host, /\.guest\./)
      const x = yield* cpu.smc([fid, BigInt(memory)])
      return { x: x.slice(0, 4), changed: machineState(host, /\.guest\./) !== before }
    })
    expect(value).toEqual({ x: [RSI_ERROR_STATE, 0n, 0n, 0n], changed: false })
  }
})
