import { encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { MICA_ALL_MEMORIES, RSI_MICA_LEAVE, RSI_MICA_REJOIN, RSI_MICA_REVOKE } from '../../src/abi/index.ts'
import type { ScriptedRealm } from '../scripted-host.ts'
import { BACK, BOARD, Club, CODE, LINE, type Name } from './club.ts'
import { call } from './club-calls.ts'
import { groupToken, open } from './group-evidence.ts'

/** What a report says of the club: who holds each memory, by ann's index of it, and the head of each member's chain. */
interface Told {
  readonly holders: Readonly<Record<number, readonly string[]>>
  readonly heads: Readonly<Record<string, string | undefined>>
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function reportBy(club: Club, asking: ScriptedRealm = club.ann): Told {
  const { group } = open(groupToken(asking, 1n))
  const realms = { ann: club.ann, bob: club.bob, cat: club.cat, heir: club.heir }
  const nameOf = (index: number): string => {
    const rim = hex(group.members[index]!.rim)
    return Object.entries(realms).find(([, realm]) => hex(realm.rim) === rim)![0]
  }
  const holders = group.channels.map(({ holders: held }) => {
    const memory = held[0]!.memory
    return [memory, held.map(({ member }) => nameOf(member)).toSorted()] as const
  })
  const heads = group.members.map(({ chainHead }, index) => {
    return [nameOf(index), chainHead === undefined ? undefined : hex(chainHead)] as const
  })
  return { holders: Object.fromEntries(holders), heads: Object.fromEntries(heads) }
}

const [JOIN, LEAVE, REVOKE] = [1, 2, 3]
/** The memories that each joins by its upload, in the order of its policy. */
const UPLOADED: Readonly<Record<Name, readonly number[]>> = {
  ann: [LINE, BOARD, BACK, CODE],
  bob: [LINE, BOARD, BACK],
  cat: [BOARD, CODE],
}

/** The head of a member's chain: its upload, then what happened to it. */
function head(name: Name, ...records: readonly (readonly [number, number])[]): string {
  let digest: Uint8Array = new Uint8Array(32)
  for (const record of [...UPLOADED[name].map((memory) => [JOIN, memory]), ...records]) {
    digest = sha256(Buffer.concat([digest, encodeCbor([...record])]))
  }
  return hex(digest)
}

const ALL = {
  holders: { [LINE]: ['ann', 'bob'], [BOARD]: ['ann', 'bob', 'cat'], [BACK]: ['ann', 'bob'], [CODE]: ['ann', 'cat'] },
  heads: { ann: undefined, bob: undefined, cat: undefined },
}

test('after the uploads a report has no heads: they follow from the policies', () => {
  expect(reportBy(new Club().uploadAll())).toEqual(ALL)
})

test('who has left a memory holds it no more in the report, stays a member by what it still holds, and has a head', () => {
  const club = new Club().uploadAll()
  call(club.cat, RSI_MICA_LEAVE, BOARD)
  const told = {
    holders: { ...ALL.holders, [BOARD]: ['ann', 'bob'] },
    heads: { ...ALL.heads, cat: head('cat', [LEAVE, BOARD]) },
  }
  expect(reportBy(club)).toEqual(told)
  expect(reportBy(club, club.cat)).toEqual(told)
})

test('who has come back holds it again, and its head says that it was away', () => {
  const club = new Club().uploadAll()
  call(club.cat, RSI_MICA_LEAVE, BOARD)
  call(club.cat, RSI_MICA_REJOIN, BOARD)
  expect(reportBy(club)).toEqual({ ...ALL, heads: { ...ALL.heads, cat: head('cat', [LEAVE, BOARD], [JOIN, BOARD]) } })
})

test('who has left everything is in no report but its own, in which it is alone', () => {
  const club = new Club().uploadAll()
  call(club.cat, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  const { holders, heads } = reportBy(club)
  expect([holders[BOARD], holders[CODE], Object.keys(heads).toSorted()]).toEqual([
    ['ann', 'bob'],
    ['ann'],
    ['ann', 'bob'],
  ])
  expect(reportBy(club, club.cat)).toEqual({ holders: {}, heads: { cat: head('cat', [LEAVE, BOARD], [LEAVE, CODE]) } })
})

test('another image of the list in its place is a member under its own measurement, with a chain of its own', () => {
  const club = new Club().uploadAll()
  call(club.cat, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  expect(club.inherit()).toEqual([0, 0])
  const { holders, heads } = reportBy(club)
  expect([holders[BOARD], holders[CODE]]).toEqual([
    ['ann', 'bob', 'heir'],
    ['ann', 'heir'],
  ])
  expect(heads).toEqual({ ann: undefined, bob: undefined, heir: undefined })
})

test('a revoked memory is in no report, and everybody who lost it has that for the last record', () => {
  const club = new Club().uploadAll()
  call(club.ann, RSI_MICA_REVOKE, BOARD)
  const { [BOARD]: _, ...left } = ALL.holders
  const heads = {
    ann: head('ann', [REVOKE, BOARD]),
    bob: head('bob', [REVOKE, BOARD]),
    cat: head('cat', [REVOKE, BOARD]),
  }
  expect(reportBy(club)).toEqual({ holders: left, heads })
})

test('what is refused, and what others do, is in no chain', () => {
  const club = new Club().uploadAll()
  call(club.cat, RSI_MICA_REJOIN, BOARD)
  call(club.bob, RSI_MICA_REVOKE, BOARD)
  call(club.bob, RSI_MICA_LEAVE, CODE)
  expect(club.inherit()[0]).toBe(1)
  call(club.bob, RSI_MICA_LEAVE, LINE)
  expect(reportBy(club).heads).toEqual({ ...ALL.heads, bob: head('bob', [LEAVE, LINE]) })
})
