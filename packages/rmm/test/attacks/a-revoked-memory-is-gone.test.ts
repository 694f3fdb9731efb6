import { encodeBlob } from '@mica/policy'
import type { GroupEvidenceClaims } from '@mica/verifier'
import { describe, expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import {
  MICA_ALL_MEMORIES,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_LEAVE,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
} from '../../src/abi/index.ts'
import { BACK, BOARD, Club, IPA, LINE, NAMES, PAGES } from '../mica/club.ts'
import { groupToken } from '../mica/group-evidence.ts'
import { PAGE, type ScriptedRealm } from '../scripted-host.ts'
import { look, put, rightsAt, ruleName, SECRET, withoutEffect } from './arena.ts'
import { judgeReceipt, judgeReport, outcomeOf, readToken } from './court.ts'

// An owner ends a memory. Members, their successors, strangers and the host want it all the same; or make the owner's
// client believe that it has ended.

/** RSI_MICA_REVOKE with a challenge of eight equal words. */
const revoke = (realm: ScriptedRealm, memory: number, word = 0n) =>
  realm.call(RSI_MICA_REVOKE, memory, ...Array.from({ length: 8 }, () => word))[0]

/** A club whose board holds a secret, and has been revoked. */
function revoked(): Club {
  const club = new Club().uploadAll()
  put(club.ann, IPA[BOARD], SECRET)
  expect(look(club.bob, IPA[BOARD])).toBe(SECRET)
  expect(revoke(club.ann, BOARD, 5n)).toBe(0n)
  return club
}

/** Whether anybody has any right in the board, or there is anything in it. */
function expectGone({ host, ann, bob, cat, heir, granules }: Club): void {
  for (const realm of [ann, bob, cat, heir]) {
    for (let page = 0; page < PAGES[BOARD]!; page++) expect(rightsAt(realm, IPA[BOARD] + page * PAGE)).toBe('-')
  }
  const { memory } = host.machine
  for (const granule of granules[BOARD]!) {
    expect(memory.granuleBytes((granule - memory.base) / PAGE).every((byte) => byte === 0)).toBe(true)
  }
}

describe('a member that has lost a memory', () => {
  test('does not come back to it: by name, with everything it has left, after leaving all, or ever', () => {
    const club = revoked()
    const { bob, cat } = club
    const rejoin = (memory: number | bigint) => bob.call(RSI_MICA_REJOIN, memory).slice(0, 2)
    expect(rejoin(BOARD)).toEqual([1n, 107n])
    expect(rejoin(MICA_ALL_MEMORIES)).toEqual([1n, 107n])
    bob.call(RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
    expect(rejoin(BOARD)).toEqual([1n, 107n])
    expect(rejoin(LINE)).toEqual([0n, 0n])
    expect(cat.call(RSI_MICA_LEAVE, BOARD)[0]).toBe(2n)
    expectGone(club)
  })

  test('sends no successor: neither another image of its list, nor the same image once more', () => {
    const club = revoked()
    club.cat.call(RSI_MICA_LEAVE, MICA_ALL_MEMORIES)
    expect(club.inherit()).toEqual([1, 107])
    const again = club.host.createRealm({ image: 13, policyGranules: 1, recs: [{}, {}] })
    for (const [memory, granules] of club.granules.entries()) {
      if (memory !== LINE && memory !== BACK) again.mapShared(granules, IPA[memory]!)
    }
    const [status, reason] = club.upload(again, NAMES.indexOf('cat'))
    expect([status, ruleName(reason)]).toEqual([1, 'memory-revoked'])
    expectGone(club)
  })

  test('is cut off in the middle of what it does, on every PE, before the owner goes on', () => {
    const club = new Club().uploadAll()
    const { ann, cat } = club
    put(ann, IPA[BOARD], SECRET)
    const seen: bigint[] = []
    cat.recs[1]!.begin(function* (cpu) {
      seen.push(yield* cpu.load64(IPA[BOARD]))
      expect(revoke(ann, BOARD)).toBe(0n)
      seen.push(yield* cpu.load64(IPA[BOARD]))
    })
    expect(seen).toEqual([SECRET])
    expect(put(cat, IPA[BOARD], SECRET)).toBe('SynchronousExternalAbort')
    expectGone(club)
  })
})

describe('somebody else than the owner', () => {
  test('ends nothing: a member that may read or write, an owner of another memory, one that has left, nobody at all', () => {
    const club = new Club().uploadAll()
    const { host, ann, bob, cat } = club
    const outsider = host.createRealm({ image: 20, policyGranules: 1 })
    const peers = [{ name: 'me', gateway: false, strict: true, rims: [outsider.rim] }]
    expect(outsider.upload(encodeBlob({ self: 0, peers, memories: [], transitions: [] }))).toEqual([0, 0])
    const naked = host.createRealm({ image: 21 })
    // Everybody has run before.
    for (const realm of [bob, cat, outsider, naked]) realm.call(RSI_MICA_CHANNEL_INFO, BOARD)
    const answers = withoutEffect(
      host,
      () => [bob, cat, outsider, naked].map((realm) => revoke(realm, BOARD)).concat(revoke(ann, LINE), revoke(ann, 99)),
      /\.guest\./,
    )
    expect(answers).toEqual([1n, 1n, 1n, 2n, 1n, 1n])
    ann.call(RSI_MICA_LEAVE, BOARD)
    expect(revoke(ann, BOARD)).toBe(2n)
    expect([rightsAt(bob, IPA[BOARD]), rightsAt(cat, IPA[BOARD])]).toEqual(['r', 'rw'])
  })

  test('does not become one by a policy of its own: the others do not say that it is', () => {
    const owning = (self: number) =>
      new Club({
        change: (policy, of) =>
          of !== self
            ? policy
            : {
                ...policy,
                memories: policy.memories.map((memory, index) =>
                  index !== BOARD
                    ? memory
                    : {
                        ...memory,
                        mappings: memory.mappings.map((mapping) =>
                          mapping.peer === self ? { ...mapping, rights: mapping.rights | 8 } : mapping,
                        ),
                      },
                ),
              },
      })
    for (const self of [1, 2]) {
      const club = owning(self)
      expect(club.upload(club.ann, 0)).toEqual([0, 0])
      const [status, reason] = club.upload(club.realm(NAMES[self]!), self)
      expect([status, ruleName(reason)]).toEqual([1, 'rights-wider'])
    }
  })

  test('does not end a memory by taking part of it away: that is leaving, and the others have it still', () => {
    const { host, ann, bob, cat } = new Club().uploadAll()
    put(ann, IPA[BOARD], SECRET)
    host.demand(RMI_DATA_DESTROY_SHARED, cat.rd, IPA[BOARD])
    expect([look(bob, IPA[BOARD]), rightsAt(cat, IPA[BOARD] + PAGE)]).toEqual([SECRET, '-'])
  })
})

describe('the host, after a revocation', () => {
  test('that takes nothing apart keeps nobody’s access, and does not see that it happened', () => {
    const club = revoked()
    expectGone(club)
    expect(brokenInvariants(club.host)).toEqual([])
  })

  test('that takes it apart in part, twice, or in any order, opens it to nobody on the way', () => {
    const takings = [0, 1, 2].flatMap((who) => [0, 1].map((page) => [who, page] as const))
    for (let turn = 0; turn < takings.length; turn++) {
      const club = revoked()
      const { host } = club
      const members = [club.ann, club.bob, club.cat]
      const order = [...takings.slice(turn), ...takings.slice(0, turn)]
      for (const [index, [who, page]] of order.entries()) {
        if (index === order.length - 1) break // One is dropped: the granule stays.
        const member = members[who]!
        for (const expected of [0, 4]) {
          expect(host.status(RMI_DATA_DESTROY_SHARED, member.rd, IPA[BOARD] + page * PAGE)[0]).toBe(expected)
        }
        expect(
          host.status(
            RMI_DATA_CREATE_UNKNOWN_SHARED,
            member.rd,
            club.granules[BOARD]![page]!,
            IPA[BOARD] + page * PAGE,
          )[0],
        ).toBe(2)
        expect(member.call(RSI_MICA_REJOIN, BOARD)[0]).toBe(1n)
      }
      expectGone(club)
    }
  })

  test('that hides a granule of it behind, before or among fresh ones gives it to nobody', () => {
    for (const place of [0, 1, 2]) {
      const club = revoked()
      const { host } = club
      const newcomer = host.createRealm({ image: 30, policyGranules: 1 })
      const granules = [0, 1, 2].map((page) => (page === place ? club.granules[BOARD]![1]! : host.delegated()))
      newcomer.mapShared(granules, IPA[BOARD])
      const peers = [{ name: 'me', gateway: false, strict: true, rims: [newcomer.rim] }]
      const mappings = [{ peer: 0, rights: 3, ipaGranule: null }]
      const mine = { name: 'mine', kind: 'protected', granules: 3, mappings, paced: false } as const
      const [status, reason] = newcomer.upload(encodeBlob({ self: 0, peers, memories: [mine], transitions: [] }))
      expect([status, ruleName(reason)]).toEqual([1, 'memory-revoked'])
      expect([0, 1, 2].map((page) => rightsAt(newcomer, IPA[BOARD] + page * PAGE))).toEqual(['-', '-', '-'])
    }
  })

  test('that gives the granules to others while one member has them in its tables gives them nothing', () => {
    const club = revoked()
    const { host, cat } = club
    const granules = club.granules[BOARD]!
    const newcomer = host.createRealm({ image: 30, policyGranules: 1 })
    newcomer.mapShared(granules, IPA[BOARD])
    const peers = [{ name: 'me', gateway: false, strict: true, rims: [newcomer.rim] }]
    const mine = {
      name: 'mine',
      kind: 'protected',
      granules: 2,
      mappings: [{ peer: 0, rights: 3, ipaGranule: null }],
      paced: false,
    } as const
    const blob = encodeBlob({ self: 0, peers, memories: [mine], transitions: [] })
    const [status, reason] = newcomer.upload(blob)
    expect([status, ruleName(reason)]).toEqual([1, 'memory-revoked'])
    expect(rightsAt(newcomer, IPA[BOARD])).toBe('-')
    // When everybody has given them back they are granules like any others.
    for (const realm of [club.ann, club.bob, cat, newcomer]) {
      for (const page of [0, 1]) host.demand(RMI_DATA_DESTROY_SHARED, realm.rd, IPA[BOARD] + page * PAGE)
    }
    for (const granule of granules) host.demand(RMI_GRANULE_UNDELEGATE, granule)
    newcomer.mapShared([host.delegated(), host.delegated()], IPA[BOARD])
    expect(newcomer.upload(blob)).toEqual([0, 0])
  })
})

describe('a receipt', () => {
  const expectations = (club: Club) => ({
    peers: new Map(
      NAMES.map((name) => [name, name === 'cat' ? [club.cat.rim, club.heir.rim] : [club.realm(name).rim]]),
    ),
    assertions: [],
    closed: false,
  })
  const reportOf = (club: Club): GroupEvidenceClaims => {
    const verdict = judgeReport(groupToken(club.ann, 3n), 3n, expectations(club))
    return verdict.kind === 'accepted' ? verdict.claims : expect.fail(verdict.findings[0]!.detail)
  }
  const receiptOf = (club: Club, word: bigint): Uint8Array => {
    expect(revoke(club.ann, BOARD, word)).toBe(0n)
    const receipt = readToken(club.ann)
    return receipt instanceof Uint8Array ? receipt : expect.fail(`no receipt: ${receipt}`)
  }

  test('control: beside the report of its group it says that all three have lost the board', () => {
    const club = new Club().uploadAll()
    const report = reportOf(club)
    const verdict = judgeReceipt(receiptOf(club, 5n), 5n, { memory: 'board', report })
    expect([outcomeOf(verdict), verdict.notes]).toEqual(['accepted', []])
    const context = verdict.kind === 'accepted' ? verdict.claims.receipt.context : undefined
    expect(context?.owner).toBe('ann')
    expect(context?.ended.toSorted((a, b) => a.member.localeCompare(b.member))).toEqual(
      NAMES.map((member) => ({ member, by: 'revocation' })),
    )
    // The heads of the next report are those that follow from it.
    const lost = verdict.kind === 'accepted' ? verdict.claims.receipt.lost : []
    const after = judgeReport(groupToken(club.ann, 4n), 4n, expectations(club))
    const heads = after.kind === 'accepted' ? after.claims.group.members.map(({ chainHead }) => chainHead) : []
    expect(heads).toEqual(expect.arrayContaining(lost.slice(0, 2).map(({ headAfter }) => headAfter)))
  })

  test('is not shown again for another question, nor made twice, nor made by who has not revoked', () => {
    const club = new Club().uploadAll()
    const receipt = receiptOf(club, 5n)
    expect(outcomeOf(judgeReceipt(receipt, 6n))).toBe('freshness')
    expect(readToken(club.ann)).toBe(2n)
    expect(revoke(club.ann, BOARD, 6n)).toBe(2n)
    expect(readToken(club.ann)).toBe(2n)
    expect(revoke(club.bob, BOARD, 6n)).toBe(1n)
    expect(readToken(club.bob)).toBe(2n)
    expect(club.ann.call(RSI_ATTESTATION_TOKEN_INIT, ...Array.from({ length: 8 }, () => 6n))[0]).toBe(0n)
    expect(outcomeOf(judgeReceipt(readToken(club.ann) as Uint8Array, 6n))).toBe('profile')
    expect(outcomeOf(judgeReceipt(groupToken(club.ann, 6n), 6n))).toBe('profile')
  })

  test('of another group, of another personalization, or of another machine is none of this one', () => {
    const club = new Club().uploadAll()
    const report = reportOf(club)
    const twin = new Club({ rpv: () => new Uint8Array(64).fill(1) }).uploadAll()
    expect(outcomeOf(judgeReceipt(receiptOf(twin, 5n), 5n, { report }))).toBe('not-of-the-report')
    const elsewhere = { ...report, attestationKey: report.attestationKey.with(30, 0) }
    expect(outcomeOf(judgeReceipt(receiptOf(club, 5n), 5n, { report: elsewhere }))).toBe('another-machine')
    const again = new Club().uploadAll()
    const receipt = receiptOf(again, 5n)
    expect(outcomeOf(judgeReceipt(receipt, 5n, { report: reportOf(again) }))).toBe('not-of-the-report')
  })

  test('made while a member was out says that it was, and covers it too', () => {
    const club = new Club().uploadAll()
    const report = reportOf(club)
    club.bob.call(RSI_MICA_LEAVE, BOARD)
    const verdict = judgeReceipt(receiptOf(club, 5n), 5n, { report })
    const context = verdict.kind === 'accepted' ? verdict.claims.receipt.context : undefined
    expect(context?.ended.find(({ member }) => member === 'bob')).toEqual({ member: 'bob', by: 'leaving' })
    expect(club.bob.call(RSI_MICA_REJOIN, BOARD).slice(0, 2)).toEqual([1n, 107n])
  })
})
