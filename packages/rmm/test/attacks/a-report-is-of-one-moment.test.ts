import { expect, test } from 'vitest'
import {
  RMI_DATA_DESTROY_SHARED,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_MICA_LEAVE,
} from '../../src/abi/index.ts'
import { groupToken, open } from '../mica/group-evidence.ts'
import { PAGE, RAM } from '../scripted-host.ts'
import { joined, LINK, type Linked, linked, upload } from './arena.ts'

// Members come and go while a report is asked for, signed and read piece by piece. It says what held when it was asked for.

/** A report that left asks for, and reads in pieces; between any two of them something happens. */
function reportWith({ left }: Linked, size: number, between: (piece: number) => void) {
  expect(left.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(0n)
  const token: number[] = []
  for (let piece = 0, more = true; more; piece++) {
    between(piece)
    const { value } = left.perform(function* (cpu) {
      const x = yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(size)])
      return { status: x[0], part: yield* cpu.load(RAM, Number(x[1])) }
    })
    token.push(...value!.part)
    more = value!.status === 3n
  }
  return open(Uint8Array.from(token)).group
}

const COMINGS_AND_GOINGS: readonly (readonly [string, () => Linked, members: number, (pair: Linked) => void])[] = [
  ['a member joins', halfJoined, 1, ({ right, policy }) => void upload(right, policy('right'))],
  ['a member leaves', joined, 2, ({ right }) => void right.call(RSI_MICA_LEAVE, 0)],
  [
    'the host takes a member’s channel out',
    joined,
    2,
    ({ host, right }) => void host.status(RMI_DATA_DESTROY_SHARED, right.rd, LINK),
  ],
  ['the one who asked leaves', joined, 2, ({ left }) => void left.call(RSI_MICA_LEAVE, 0)],
]

/** Left is in, right is about to come. */
function halfJoined(): Linked {
  const pair = linked()
  expect(upload(pair.left, pair.policy('left'))).toBe('accepted')
  return pair
}

test.each(COMINGS_AND_GOINGS)(
  '%s between any two pieces: the report is of the moment of the question',
  (_, build, members, happens) => {
    const quiet = reportWith(build(), 512, () => {})
    expect(quiet.members).toHaveLength(members)
    for (const piece of [0, 1, 3]) {
      const pair = build()
      const disturbed = reportWith(pair, 512, (at) => {
        if (at === piece) happens(pair)
      })
      expect(disturbed).toEqual(quiet)
    }
  },
)

test.each(COMINGS_AND_GOINGS)('control: %s, and the next report says so', (_, build, members, happens) => {
  const pair = build()
  happens(pair)
  expect(open(groupToken(pair.left, 1n)).group.members.length).toBe(members === 1 ? 2 : 1)
})

test('a report that is read after a second question is the second one, whole', () => {
  const pair = halfJoined()
  expect(pair.left.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(0n)
  pair.left.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE / 8)
  expect(upload(pair.right, pair.policy('right'))).toBe('accepted')
  expect(open(groupToken(pair.left, 2n)).group.members).toHaveLength(2)
})
