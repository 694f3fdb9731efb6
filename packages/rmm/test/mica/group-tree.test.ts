import { decodeEntry, groupTree } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import {
  ATTEST_GROUP_DISCLOSABLE,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_MICA_LEAVE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { Club } from './club.ts'
import { groupToken, open, openTree } from './group-evidence.ts'
import { Pipeline, ROLES, type Role } from './pipeline.ts'

const CHALLENGE = Array.from({ length: 8 }, () => 1n)
const treeOf = (realm: ScriptedRealm, challenge = 7n) =>
  openTree(groupToken(realm, challenge, PAGE, ATTEST_GROUP_DISCLOSABLE))

test('the root of a tree over the group is signed in place of the group, which travels beside it', () => {
  const { gate } = new Pipeline().uploadAll().realms
  const { claims, seed, group } = treeOf(gate)
  expect([...claims.keys()]).toEqual([10, 265, 44237, 44240, -75013, -75011])
  expect(claims.get(265)).toBe('tag:mica,2026:group-tree#1.0.0')
  expect(claims.get(10)).toEqual(Uint8Array.from({ length: 64 }, (_, i) => (i % 8 === 0 ? 7 : 0)))
  const { leaves, root } = groupTree(group, seed)
  expect(claims.get(-75013)).toEqual([leaves.length, root])
})

test('the requester is the leaf of the member that asked', () => {
  const { realms } = new Pipeline().uploadAll()
  for (const role of ROLES) {
    const { claims, seed, group } = treeOf(realms[role])
    const entry = decodeEntry(groupTree(group, seed).leaves[claims.get(-75011) as number]!.entry)
    expect(entry.kind === 'member' && entry.rim).toEqual(Uint8Array.from(realms[role].rim))
  }
})

test.each(ROLES)('the group beside the tree is the one that is signed without, also when %s asks', (role: Role) => {
  const { realms } = new Pipeline().uploadAll()
  expect(treeOf(realms[role]).groupBytes).toEqual(open(groupToken(realms.gate, 1n)).claims.get(-75010))
})

test('each tree has a seed of its own, so that two of one group have nothing in common', () => {
  const { gate, encoder } = new Pipeline().uploadAll().realms
  const trees = [treeOf(gate), treeOf(gate), treeOf(encoder)]
  const roots = trees.map(({ claims }) => Buffer.from((claims.get(-75013) as Uint8Array[])[1]!).toString('hex'))
  expect(new Set(roots).size).toBe(3)
  expect(new Set(trees.map(({ seed }) => Buffer.from(seed).toString('hex'))).size).toBe(3)
  expect(trees.map(({ seed }) => seed.length)).toEqual([32, 32, 32])
})

test('edges carry the rights that stage 2 gives, and are gone when their member has left', () => {
  const club = new Club().uploadAll()
  const edgesOf = (realm: ScriptedRealm) => {
    const { seed, group } = treeOf(club.ann)
    const { leaves } = groupTree(group, seed)
    const entries = leaves.map(({ entry }) => decodeEntry(entry))
    const member = entries.find((entry) => entry.kind === 'member' && Buffer.from(entry.rim).equals(realm.rim))
    const edges = member?.kind === 'member' ? member.edges.map((leaf) => entries[leaf]!) : []
    return edges
      .map((edge) => (edge.kind === 'edge' ? [edge.memory, edge.rights, edge.others] : []))
      .toSorted((a, b) => a[0]! - b[0]!)
  }
  // Rights: 1 read, 2 write, 4 execute, 8 owner. The board is held by all three.
  const ofAnn = [
    [0, 2, 1],
    [1, 11, 2],
    [2, 1, 1],
    [3, 4, 1],
  ]
  expect(edgesOf(club.ann)).toEqual(ofAnn)
  expect(edgesOf(club.bob)).toEqual([
    [0, 1, 1],
    [1, 1, 2],
    [2, 2, 1],
  ])
  club.bob.call(RSI_MICA_LEAVE, 1)
  expect(edgesOf(club.ann)[1]).toEqual([1, 11, 1])
  expect(edgesOf(club.bob)).toEqual([
    [0, 1, 1],
    [2, 2, 1],
  ])
})

describe('a request', () => {
  test('with a flag that is not defined is refused, and begins nothing', () => {
    const { gate } = new Pipeline().uploadAll().realms
    for (const flags of [2n, 3n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, flags)[0]).toBe(RSI_ERROR_INPUT)
      expect(gate.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE)[0]).toBe(RSI_ERROR_STATE)
    }
  })

  test('of a Realm without a policy is refused for that first', () => {
    const { gate } = new Pipeline().realms
    for (const flags of [ATTEST_GROUP_DISCLOSABLE, 2n]) {
      expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, flags)[0]).toBe(RSI_ERROR_STATE)
    }
  })

  test('for more than evidence may hold is refused, and draws no random numbers', () => {
    const bytes = open(groupToken(new Pipeline().uploadAll().realms.gate, 1n)).claims.get(-75010) as Uint8Array
    const host = (groupTokenBytes: number) => new ScriptedHost({ limits: { groupTokenBytes } })
    const refusing = host(bytes.length + 8191)
    const { gate } = new Pipeline(refusing).uploadAll().realms
    expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, ATTEST_GROUP_DISCLOSABLE)[0]).toBe(RSI_ERROR_STATE)
    const fresh = new ScriptedHost()
    expect(refusing.machine.monitorRandom.bytes(8)).toEqual(fresh.machine.monitorRandom.bytes(8))
    const taking = new Pipeline(host(bytes.length + 8192)).uploadAll().realms.gate
    expect(taking.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, ATTEST_GROUP_DISCLOSABLE)[0]).toBe(RSI_SUCCESS)
  })

  test('for a tree of more leaves than readers take is refused, and one for the group alone is not', () => {
    const gate = (treeLeaves: number) =>
      new Pipeline(new ScriptedHost({ limits: { treeLeaves } })).uploadAll().realms.gate
    const flags = ATTEST_GROUP_DISCLOSABLE
    expect(gate(9).call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, flags)[0]).toBe(RSI_SUCCESS)
    expect(gate(8).call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, flags)[0]).toBe(RSI_ERROR_STATE)
    expect(gate(8).call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, 0n)[0]).toBe(RSI_SUCCESS)
  })

  test('in either form is blocked by a policy that blocks reports', () => {
    const ids = [Number(RSI_ATTEST_TOKEN_INIT_GROUP), Number(RSI_ATTEST_TOKEN_CONTINUE_GROUP)] as const
    const blocked = { peer: 0, class: 'call', action: 'block', ranges: [ids] } as const
    const { ann } = new Club({ change: (policy) => ({ ...policy, transitions: [blocked] }) }).uploadAll()
    for (const flags of [0n, ATTEST_GROUP_DISCLOSABLE]) {
      expect(ann.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, flags)[0]).toBe(RSI_ERROR_STATE)
      expect(ann.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, RAM, 0, PAGE)[0]).toBe(RSI_ERROR_STATE)
    }
  })

  test('for one form takes the place of one that was begun for the other', () => {
    const { gate } = new Pipeline().uploadAll().realms
    expect(gate.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...CHALLENGE, ATTEST_GROUP_DISCLOSABLE)[0]).toBe(RSI_SUCCESS)
    expect(open(groupToken(gate, 3n)).group.members).toHaveLength(3)
  })
})
