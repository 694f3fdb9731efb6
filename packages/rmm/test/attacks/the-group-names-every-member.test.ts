import { expect, test } from 'vitest'
import { RSI_ATTEST_TOKEN_CONTINUE_GROUP, RSI_ATTEST_TOKEN_INIT_GROUP } from '../../src/abi/index.ts'
import { groupToken, open } from '../mica/group-evidence.ts'
import { Pipeline, ROLES } from '../mica/pipeline.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, linked, upload } from './arena.ts'

// Someone sits in the group and is not in its report, or is in the report and not in the group; or the order says something.

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const membersFor = (realm: ScriptedRealm): readonly string[] =>
  open(groupToken(realm, 1n)).group.members.map(({ rim }) => hex(rim))

test('a Realm that maps a channel and has no policy, or a refused one, is in no report', () => {
  const { host, left, right, granule, policy } = joined()
  const silent = host.createRealm({ image: 8, policyGranules: 1 })
  const refused = host.createRealm({ image: 9, policyGranules: 1 })
  for (const realm of [silent, refused]) realm.mapShared([granule], LINK)
  expect(upload(refused, policy('right'))).toBe('self-rim-differs')
  expect([...membersFor(left)].sort()).toEqual([left, right].map(({ rim }) => hex(rim)).sort())
})

test('a member that shares nothing with the one who asks is named all the same, with its exact policy', () => {
  const pipeline = new Pipeline().uploadAll()
  const { group } = open(groupToken(pipeline.realms.gate, 1n))
  for (const role of ROLES) {
    const member = group.members.find(({ rim }) => hex(rim) === hex(pipeline.realms[role].rim))
    expect(hex(member!.blob)).toBe(hex(pipeline.blob(role)))
  }
})

test('the order of members follows from what they are: not from where the host put them, nor from who asks or came first', () => {
  const reports = [ROLES, [...ROLES].reverse()].flatMap((order) => {
    const { realms } = new Pipeline().uploadAll(order)
    return ROLES.map((role) => open(groupToken(realms[role], 1n)).claims.get(-75010) as Uint8Array)
  })
  expect(new Set(reports.map(hex)).size).toBe(1)
})

test('a group token is marked as one: its profile and claims are none of a single Realm’s', () => {
  const { claims } = open(groupToken(joined().left, 1n))
  expect(claims.get(265)).toBe('tag:mica,2026:group#1.0.0')
  // RIM, RPV and REMs of a single Realm's token.
  for (const label of [44235, 44238, 44239]) expect(claims.has(label)).toBe(false)
})

test('a Realm without a policy gets no group token, not even of itself', () => {
  const { left } = linked()
  expect(left.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(2n)
  expect(left.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE)[0]).toBe(2n)
})

test('a channel is in the report only with those who hold it', () => {
  const { left, right, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  expect(open(groupToken(left, 1n)).group.channels.map(({ holders }) => holders.length)).toEqual([1])
  expect(upload(right, policy('right'))).toBe('accepted')
  expect(open(groupToken(left, 1n)).group.channels.map(({ holders }) => holders.length)).toEqual([2])
})
