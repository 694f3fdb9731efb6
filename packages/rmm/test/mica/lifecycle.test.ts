import { encodeBlob, type Memory, type Policy, RIGHT } from '@mica/policy'
import { decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  MICA_ALL_MEMORIES,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_RTT_READ_ENTRY,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ERROR_STATE,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { accessTo, BACK, BOARD, Club, CODE, IPA, LINE, NAMES, type Name, work } from './club.ts'
import { call, notified, read, status, write } from './club-calls.ts'

test('leaving takes all access to a memory, on every PE, and nothing else', () => {
  const { host, ann, bob, cat } = new Club().uploadAll()
  const entry = () => host.smc(RMI_RTT_READ_ENTRY, cat.rd, IPA[BOARD], 3)
  const before = entry()
  cat.recs[1]!.begin(function* (cpu) {
    yield* cpu.load(IPA[BOARD], 8)
    expect(call(cat, RSI_MICA_LEAVE, BOARD)).toBe(RSI_SUCCESS)
    yield* cpu.load(IPA[BOARD], 8)
    expect.unreachable('the other PE has access')
  })
  expect(accessTo(cat, BOARD)).toBe('-')
  expect(accessTo(cat, CODE)).toBe('write')
  expect([accessTo(ann, BOARD), accessTo(bob, BOARD)]).toEqual(['read write', 'read'])
  expect(cat.realm.policy).toBeDefined()
  expect(entry()).toEqual(before)
})

test('who leaves everything has nothing, and may have all of it back', () => {
  const { ann } = new Club().uploadAll()
  const all = () => [LINE, BOARD, BACK, CODE].map((memory) => accessTo(ann, memory))
  expect(call(ann, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)).toBe(RSI_SUCCESS)
  expect(all()).toEqual(['-', '-', '-', '-'])
  expect(call(ann, RSI_MICA_REJOIN, MICA_ALL_MEMORIES)).toBe(RSI_SUCCESS)
  expect(all()).toEqual(['write', 'read write', 'read', 'fetch'])
})

test('about a channel that was left a Realm learns where it lies, and no more', () => {
  const { cat } = new Club().uploadAll()
  const info = () => cat.call(RSI_MICA_CHANNEL_INFO, BOARD, 0, 0, 0, 0).slice(0, 6).map(Number)
  expect(info()).toEqual([0, IPA[BOARD], 8192, 3, 2, 0])
  call(cat, RSI_MICA_LEAVE, BOARD)
  expect(info()).toEqual([0, IPA[BOARD], 8192, 0, 0, 0])
})

test('a Realm returns at most once a quantum', () => {
  const { cat } = new Club().uploadAll()
  const round = () => [call(cat, RSI_MICA_LEAVE, BOARD), call(cat, RSI_MICA_REJOIN, BOARD)]
  expect(round()).toEqual([RSI_SUCCESS, RSI_SUCCESS])
  expect(round()).toEqual([RSI_SUCCESS, RSI_ERROR_STATE])
  work(cat, 1)
  expect(cat.recs[1]!.call(RSI_MICA_REJOIN, BOARD)[0]).toBe(RSI_SUCCESS)
})

test.each([
  ['one of them', BOARD],
  ['all', MICA_ALL_MEMORIES],
])('nor does it more often by naming memories one by one, or together: at first %s', (_, first) => {
  for (const second of [BOARD, CODE, MICA_ALL_MEMORIES]) {
    const { cat } = new Club().uploadAll()
    call(cat, RSI_MICA_LEAVE, BOARD)
    expect(call(cat, RSI_MICA_REJOIN, first)).toBe(RSI_SUCCESS)
    for (const memory of [BOARD, CODE]) call(cat, RSI_MICA_LEAVE, memory)
    expect(call(cat, RSI_MICA_REJOIN, second)).toBe(RSI_ERROR_STATE)
  }
})

test('who returns finds what it left, if it was nobody else’s to leave', () => {
  const { ann, cat } = new Club().uploadAll()
  write(ann, IPA[BOARD], 7)
  call(cat, RSI_MICA_LEAVE, BOARD)
  call(cat, RSI_MICA_REJOIN, BOARD)
  expect(read(cat, IPA[BOARD])).toBe(7)
})

test('who returns is judged by all that two Realms have shared, also what neither holds now', () => {
  const host = new ScriptedHost({ limits: { quantum: 0 } })
  host.addSharedGranuleTable()
  const [ann, bob] = [1, 2].map((image) => host.createRealm({ image, policyGranules: 1 }))
  for (const memory of [LINE, BACK]) host.share(1, [ann!, IPA[memory]!], [bob!, IPA[memory]!])
  const memory = (name: string, ipaGranule: number, ...peers: (number | null)[]): Memory => ({
    name,
    kind: 'protected',
    granules: 1,
    mappings: peers.map((peer) => {
      return { peer, rights: RIGHT.read, ipaGranule, ...(peer === null ? { anyCount: 1 } : {}) }
    }),
    paced: false,
  })
  const peer = (name: string, realm: ScriptedRealm) => ({ name, gateway: false, strict: true, rims: [realm.rim] })
  const [first, second] = [LINE, BACK].map((index) => IPA[index]! / PAGE)
  // ann bounds bob in everything that it has; bob knows nobody, and has names of its own.
  const policies: Policy[] = [
    {
      self: 0,
      peers: [peer('ann', ann!), peer('bob', bob!)],
      memories: [memory('x', first!, 0, 1, null), memory('y', second!, 0, 1, null)],
      transitions: [],
    },
    {
      self: 0,
      peers: [peer('bob', bob!)],
      memories: [memory('p', first!, 0, null), memory('q', second!, 0, null)],
      transitions: [],
    },
  ]
  expect([ann!, bob!].map((realm, index) => realm.upload(encodeBlob(policies[index]!)))).toEqual([
    [0, 0],
    [0, 0],
  ])
  call(ann!, RSI_MICA_LEAVE, 1)
  call(bob!, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  expect(bob!.call(RSI_MICA_REJOIN, 0).slice(0, 2)).toEqual([RSI_SUCCESS, 0n])
  expect(bob!.call(RSI_MICA_REJOIN, 1).slice(0, 2)).toEqual([RSI_SUCCESS, 0n])
})

test('a memory is zeroed before a new holder of a mapping has access: another image of the peer’s list', () => {
  const club = new Club().uploadAll()
  const { ann, bob, cat, heir } = club
  for (const page of [0, 1]) write(cat, IPA[BOARD] + page * PAGE, 9)
  expect(club.inherit()).toEqual([1, 62])
  call(cat, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  expect(read(bob, IPA[BOARD])).toBe(9)
  expect(club.upload(heir, NAMES.indexOf('cat'))).toEqual([0, 0])
  for (const page of [0, 1]) expect(read(heir, IPA[BOARD] + page * PAGE)).toBe(0)
  expect([accessTo(heir, BOARD), accessTo(heir, CODE)]).toEqual(['read write', 'write'])
  expect([accessTo(ann, BOARD), accessTo(cat, BOARD)]).toEqual(['read write', '-'])
})

test('a Realm that the host makes leave can leave nothing behind for itself, and cannot return', () => {
  const { host, cat } = new Club().uploadAll()
  host.demand(RMI_DATA_DESTROY_SHARED, cat.rd, IPA[BOARD])
  expect(accessTo(cat, BOARD)).toBe('-')
  expect(status(cat).held).toBe(1n)
  expect(cat.call(RSI_MICA_REJOIN, BOARD).slice(0, 2)).toEqual([1n, 103n])
  expect(host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, cat.rd, host.delegated(), IPA[BOARD])).toEqual([2, 0])
})

test('no page of a memory takes a granule of the Realm’s own after the host has taken it out', () => {
  const { host, cat } = new Club().uploadAll()
  for (const page of [1, 0]) {
    const ipa = IPA[BOARD] + page * PAGE
    host.demand(RMI_DATA_DESTROY_SHARED, cat.rd, ipa)
    expect(host.status(RMI_DATA_CREATE_UNKNOWN, cat.rd, host.delegated(), ipa)).toEqual([4, 3])
  }
})

test('revoking takes a memory from everybody for good, zeroes it and tells the others', () => {
  const club = new Club().uploadAll()
  const { host, ann, bob, cat, heir } = club
  write(ann, IPA[BOARD] + PAGE, 5)
  const entry = host.smc(RMI_RTT_READ_ENTRY, bob.rd, IPA[BOARD], 3)
  expect(call(ann, RSI_MICA_REVOKE, BOARD, ...Array.from({ length: 8 }, () => 3))).toBe(RSI_SUCCESS)
  for (const realm of [ann, bob, cat]) expect(accessTo(realm, BOARD)).toBe('-')
  const memory = host.machine.memory
  for (const granule of club.granules[BOARD]!) {
    expect(memory.granuleBytes((granule - memory.base) / PAGE).every((byte) => byte === 0)).toBe(true)
  }
  expect([notified(ann), notified(bob), notified(cat)]).toEqual([[], [BOARD], [BOARD]])
  for (const realm of [ann, bob, cat]) expect(realm.call(RSI_MICA_REJOIN, BOARD).slice(0, 2)).toEqual([1n, 107n])
  // The other memories stay, and the host has not been told.
  expect(accessTo(ann, LINE)).toBe('write')
  expect(host.smc(RMI_RTT_READ_ENTRY, bob.rd, IPA[BOARD], 3)).toEqual(entry)
  // Nor does a newcomer get it.
  call(cat, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  expect(club.inherit()).toEqual([1, 107])
  expect(accessTo(heir, BOARD)).toBe('-')
})

test('who only writes a memory is told that it is revoked, as its readers are', () => {
  const change = (policy: Policy): Policy => ({
    ...policy,
    memories: policy.memories.map((memory, index) => {
      if (index !== BOARD) return memory
      const mappings = memory.mappings.map((mapping) => (mapping.peer === 2 ? { ...mapping, rights: 2 } : mapping))
      return { ...memory, mappings }
    }),
  })
  const { ann, bob, cat } = new Club({ change }).uploadAll()
  expect(accessTo(cat, BOARD)).toBe('write')
  expect(call(ann, RSI_MICA_REVOKE, BOARD)).toBe(RSI_SUCCESS)
  expect([notified(ann), notified(bob), notified(cat)]).toEqual([[], [BOARD], [BOARD]])
})

test('the receipt of a revocation is a token of its own profile that names who lost what, and the heads before', () => {
  const { ann, bob, cat } = new Club().uploadAll()
  call(cat, RSI_MICA_LEAVE, CODE)
  const [, bound] = ann.call(RSI_MICA_REVOKE, BOARD, ...Array.from({ length: 8 }, () => 3))
  const { value } = ann.perform(function* (cpu) {
    const [x0, x1] = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)])
    expect(x0).toBe(RSI_SUCCESS)
    return yield* cpu.load(RAM, Number(x1))
  })
  expect(value!.length).toBeLessThanOrEqual(Number(bound))
  const claims = claimsOf(value!)
  expect(claims.get(265)).toBe('tag:mica,2026:revocation#1.0.0')
  expect(claims.get(10)).toEqual(Uint8Array.from({ length: 64 }, (_, i) => (i % 8 === 0 ? 3 : 0)))
  const [name, granules, lost] = claims.get(-75012) as [string, number, unknown[][]]
  expect([name, granules]).toEqual(['board', 2])
  const chain = (...records: readonly number[][]) => {
    let head: Uint8Array = new Uint8Array(32)
    for (const record of records) head = sha256(Buffer.concat([head, encodeCbor(record)]))
    return head
  }
  const joins = (...memories: number[]) => memories.map((memory) => [1, memory])
  const heads = [
    chain(...joins(LINE, BOARD, BACK, CODE)),
    chain(...joins(LINE, BOARD, BACK)),
    chain(...joins(BOARD, CODE), [2, CODE]),
  ]
  const expected = [ann, bob, cat].map(({ rim, realm }, index) => {
    return [rim, null, 'sha-256', realm.policy!.digest, BOARD, heads[index]]
  })
  const inOrder = expected.toSorted((a, b) =>
    Buffer.compare(Buffer.from(a[0] as Uint8Array), Buffer.from(b[0] as Uint8Array)),
  )
  expect(lost).toEqual(inOrder)
  expect(lost[claims.get(-75011) as number]?.[0]).toEqual(ann.rim)
})

test('a receipt is the same whoever joined first, and names replicas by their personalization value', () => {
  const receipts = [
    ['ann', 'bob', 'cat'],
    ['cat', 'bob', 'ann'],
  ].map((order) => {
    const club = new Club({ rpv: (name) => (name === 'bob' ? new Uint8Array(64).fill(8) : undefined) })
    for (const name of order as Name[]) expect(club.upload(club.realm(name), NAMES.indexOf(name))).toEqual([0, 0])
    const { ann, bob } = club
    call(ann, RSI_MICA_REVOKE, BOARD)
    const token = ann.perform(function* (cpu) {
      const [, x1] = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)])
      return yield* cpu.load(RAM, Number(x1))
    }).value!
    const [, , lost] = claimsOf(token).get(-75012) as [string, number, unknown[][]]
    expect(lost.find(([rim]) => Buffer.from(rim as Uint8Array).equals(bob.rim))?.[1]).toEqual(
      new Uint8Array(64).fill(8),
    )
    return lost
  })
  expect(receipts[0]).toEqual(receipts[1])
})

test('a policy may close every one of these calls, and then they do nothing', () => {
  const fids = [RSI_MICA_NOTIFY, RSI_MICA_CREDIT, RSI_MICA_LEAVE, RSI_MICA_REJOIN, RSI_MICA_REVOKE]
  const change = (policy: Policy, self: number): Policy => {
    const range = [Number(fids[0]), Number(fids.at(-1))] as const
    return { ...policy, transitions: [{ peer: self, class: 'call', action: 'block', ranges: [range] }] }
  }
  const { host, ann, bob } = new Club({ change }).uploadAll()
  const before = machineState(host, /\.guest\./)
  for (const realm of [ann, bob]) {
    for (const fid of fids) for (const memory of [LINE, BOARD]) expect(call(realm, fid, memory)).toBe(RSI_ERROR_STATE)
  }
  expect(machineState(host, /\.guest\./)).toBe(before)
})

test.each([
  ['members leave', [0, 1, 2]],
  ['in reverse', [2, 1, 0]],
])('teardown after leaving and revoking gives every granule back, zeroed: %s', (_, order) => {
  const club = new Club().uploadAll()
  const { host, ann, bob, cat } = club
  const realms = [ann, bob, cat]
  write(ann, IPA[BOARD], 1)
  write(bob, IPA[BACK], 2)
  call(cat, RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
  call(bob, RSI_MICA_LEAVE, LINE)
  call(ann, RSI_MICA_REVOKE, BOARD)
  for (const index of order) {
    for (const [memory, pages] of club.granules.entries()) {
      for (const page of pages.keys()) {
        host.smc(RMI_DATA_DESTROY_SHARED, realms[index]!.rd, IPA[memory]! + page * PAGE)
      }
    }
  }
  const { monitor } = host.rmm
  const { memory } = host.machine
  for (const granule of club.granules.flat()) {
    const index = (granule - memory.base) / PAGE
    expect(monitor.granules.references(index)).toBe(0)
    expect(memory.granuleBytes(index).every((byte) => byte === 0)).toBe(true)
    host.demand(RMI_GRANULE_UNDELEGATE, granule)
  }
})

/** The claims of a token that nobody has verified. */
function claimsOf(token: Uint8Array): ReadonlyMap<number, unknown> {
  const open = (bytes: Uint8Array) => {
    const decoded = decodeCbor(bytes, { deterministic: false })
    if (decoded.kind === 'malformed') throw new Error(decoded.reason)
    return decoded.value as unknown as { value: never }
  }
  const collection: ReadonlyMap<number, readonly [number, Uint8Array]> = open(token).value
  const statement: readonly Uint8Array[] = open(collection.get(44241)![1]).value
  return open(statement[2]!) as unknown as ReadonlyMap<number, unknown>
}

test('what members write once a successor has come stays, whoever else leaves and returns', () => {
  const club = new Club().uploadAll()
  const { ann, bob, cat } = club
  expect(call(cat, RSI_MICA_LEAVE, BOARD)).toBe(RSI_SUCCESS)
  expect(call(cat, RSI_MICA_LEAVE, CODE)).toBe(RSI_SUCCESS)
  expect(club.inherit()).toEqual([0, 0])
  write(ann, IPA[BOARD], 7)
  expect(call(bob, RSI_MICA_LEAVE, BOARD)).toBe(RSI_SUCCESS)
  work(bob)
  expect(call(bob, RSI_MICA_REJOIN, BOARD)).toBe(RSI_SUCCESS)
  expect(read(bob, IPA[BOARD])).toBe(7)
})
