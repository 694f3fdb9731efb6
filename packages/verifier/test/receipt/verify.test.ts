import { describe, expect, test } from 'vitest'
import {
  earOf,
  nobleSignatures,
  readEvidence,
  renderVerdict,
  verdictJson,
  verify,
  verifyReceipt,
  verifyToken,
} from '../../src/index.ts'
import { evidenceOf, groupBytes, a as machine, membersOf, options as reporting } from '../group/pipeline.ts'
import {
  chainOf,
  challenge,
  encoder,
  gate,
  heldRaw,
  moderator,
  options,
  receiptOf,
  reportOf,
  revocation,
} from './receipts.ts'

const names = (evidence: Uint8Array, change: Partial<typeof options> = {}): readonly string[] => {
  const verdict = verifyReceipt(evidence, { ...options, ...change })
  const { notes } = verdict
  return [...(verdict.kind === 'rejected' ? verdict.findings : []), ...notes].map(({ name }) => name)
}
const report = reportOf()
const expecting = (change: Partial<typeof options.expectations> = {}) => ({ expectations: { report, ...change } })

describe('a receipt', () => {
  test('compared with a report says who of that group has lost its access', () => {
    const verdict = verifyReceipt(receiptOf(), { ...options, ...expecting({ memory: 'raw' }) })
    expect(verdict).toMatchObject({
      kind: 'accepted',
      notes: [],
      claims: { kind: 'receipt', trustAnchor: 'test', receipt: { memory: 'raw', granules: 64, owner: 0 } },
      submodules: [{ status: 'affirming' }, { name: 'MICA_RECEIPT', status: 'affirming' }],
    })
    expect(verdict.kind === 'accepted' && verdict.claims.receipt.context).toEqual({
      owner: 'gate',
      ended: [
        { member: 'gate', by: 'revocation' },
        { member: 'encoder', by: 'revocation' },
      ],
      newcomers: 0,
    })
    expect(renderVerdict(verdict)).toContain('revoked    raw, 64 granules, by gate\n')
    expect(renderVerdict(verdict)).toMatch(/encoder +ended now/)
    expect(verdictJson(verdict)).toMatchObject({ verdict: 'accepted', receipt: { memory: 'raw', lost: [{}, {}] } })
    expect(
      Object.keys(earOf(verdict, { verifier: { developer: 'm', build: '1' }, issuedAt: new Date(0) })['submods']!),
    ).toEqual(['CCA_SSD_PLATFORM', 'MICA_RECEIPT'])
  })

  test('without a report is accepted with a note, and affirms nothing', () => {
    const verdict = verifyReceipt(receiptOf(), options)
    expect(verdict).toMatchObject({
      kind: 'accepted',
      notes: [{ name: 'no-report' }],
      submodules: [{ status: 'affirming' }, { name: 'MICA_RECEIPT', status: 'none' }],
    })
    expect(renderVerdict(verdict)).toContain('by RIM 1010101010101010')
  })

  test('tells the head of each chain before and after, as reports do', () => {
    const verdict = verifyReceipt(receiptOf(), { ...options, ...expecting() })
    const lost = verdict.kind === 'accepted' ? verdict.claims.receipt.lost : []
    expect(lost.map(({ headBefore, headAfter }) => [headBefore, headAfter])).toEqual([
      [chainOf([1, 0], [1, 2]), chainOf([1, 0], [1, 2], [3, 0])],
      [chainOf([1, 0], [1, 1]), chainOf([1, 0], [1, 1], [3, 0])],
    ])
  })

  test('is judged alike by every signature implementation', () => {
    expect(names(receiptOf(), { signatures: nobleSignatures, ...expecting() })).toEqual([])
  })

  test('says of a member that has moved since the report that it has', () => {
    const moved = receiptOf({
      [-75012]: revocation([heldRaw(gate), heldRaw(encoder, chainOf([1, 0], [1, 1], [2, 1]))]),
    })
    expect(names(moved, expecting())).toEqual(['moved-since-report'])
    const verdict = verifyReceipt(moved, { ...options, ...expecting() })
    expect(verdict.notes[0]).toMatchObject({ member: 'encoder' })
  })

  test('matches the head that a report gives of a member that had moved before it', () => {
    const head = chainOf([1, 0], [1, 1], [2, 0], [1, 0])
    const members = membersOf().map((member, index) =>
      index === 1 ? { ...member, more: { chainHead: head } } : member,
    )
    const later = reportOf(groupBytes(members))
    const receipt = receiptOf({ [-75012]: revocation([heldRaw(gate), heldRaw(encoder, head)]) })
    expect(names(receipt, { expectations: { report: later } })).toEqual([])
    expect(names(receiptOf(), { expectations: { report: later } })).toEqual(['moved-since-report'])
  })

  test('says who had left before, and that others had come', () => {
    const receipt = receiptOf({ [-75012]: revocation([heldRaw(gate), heldRaw(moderator)]) })
    const verdict = verifyReceipt(receipt, { ...options, ...expecting() })
    const context = verdict.kind === 'accepted' ? verdict.claims.receipt.context : undefined
    expect(context).toEqual({
      owner: 'gate',
      ended: [
        { member: 'gate', by: 'revocation' },
        { member: 'encoder', by: 'leaving' },
      ],
      newcomers: 1,
    })
    expect(renderVerdict(verdict)).toMatch(/encoder +had left before\nand 1 more, who joined after the report/)
  })
})

describe('a receipt is rejected', () => {
  test('for another memory than the expected', () => {
    expect(names(receiptOf(), expecting({ memory: 'coded' }))).toEqual(['another-memory'])
  })

  test('for a report of another machine, or of another boot of this one', () => {
    const other = { ...report, attestationKey: report.attestationKey.with(20, 0) }
    expect(names(receiptOf(), { expectations: { report: other } })).toEqual(['another-machine'])
  })

  test.each([
    ['is no member', [heldRaw({ ...gate, rim: new Uint8Array(32).fill(0x77) })]],
    ['has another policy', [heldRaw({ ...gate, policy: encoder.policy })]],
    ['does not hold that memory', [heldRaw(moderator)]],
  ])('where the owner %s in the report', (_, members) => {
    expect(names(receiptOf({ [-75012]: revocation(members) }), expecting())).toEqual(['not-of-the-report'])
  })

  test('where the report is from after it: the owner holds that memory no more', () => {
    const { group } = report
    const after = { ...report, group: { ...group, channels: group.channels.filter(({ name }) => name !== 'raw') } }
    expect(names(receiptOf(), { expectations: { report: after } })).toEqual(['not-of-the-report'])
  })

  test('where the report has several members, alike in all that is measured, that held such a memory each', () => {
    // The second gate is alone at its memory: taken for the first, it would say that the encoder had left.
    const { group } = report
    const raw = group.channels.find(({ name }) => name === 'raw')!
    const replica = { ...group.members[group.requester]!, label: 'gate#3' }
    const holders = [{ member: group.members.length, memory: raw.holders[0]!.memory }]
    const members = [...group.members, replica]
    const channels = [...group.channels, { ...raw, holders, active: false }]
    const replicated = { ...report, group: { ...group, members, channels } }
    const receipt = receiptOf({ [-75012]: revocation([heldRaw(gate)]) })
    expect(names(receipt, { expectations: { report: replicated } })).toEqual(['not-of-the-report'])
  })

  test('that answers another challenge: an old one cannot be shown again', () => {
    expect(names(receiptOf(), { challenge: new Uint8Array(64).fill(8), ...expecting() })).toEqual(['freshness'])
    expect(names(receiptOf({ 10: reporting.challenge }), expecting())).toEqual(['freshness'])
  })

  test('by a monitor that nobody endorses as one that enforces policies', () => {
    expect(names(receiptOf(), { endorsements: undefined, ...expecting() })).toContain('rmm-not-known-to-enforce')
  })

  test.each([
    ['a Realm measurement', { 44238: new Uint8Array(32) }],
    ['a policy digest', { [-75009]: new Uint8Array(32) }],
    ['a group', { [-75010]: groupBytes(membersOf()) }],
    ['no revocation', { [-75012]: undefined }],
    ['nobody who lost anything', { [-75012]: ['raw', 64, []] }],
    ['no granules', { [-75012]: ['raw', 0, [heldRaw(gate)]] }],
    ['a name that is no text', { [-75012]: [7, 64, [heldRaw(gate)]] }],
    ['an owner who lost nothing', { [-75011]: 2 }],
    ['no owner', { [-75011]: undefined }],
    [
      'a personalization value of zeroes',
      { [-75012]: revocation([(heldRaw(gate) as unknown[]).with(1, new Uint8Array(64)) as never]) },
    ],
    [
      'a head of another algorithm',
      { [-75012]: revocation([(heldRaw(gate) as unknown[]).with(5, new Uint8Array(64)) as never]) },
    ],
    [
      'an algorithm that Realms do not have',
      { [-75012]: revocation([(heldRaw(gate) as unknown[]).with(2, 'sha-384') as never]) },
    ],
    ['no index of the memory', { [-75012]: revocation([(heldRaw(gate) as unknown[]).with(4, -1) as never]) }],
    ['one thing too many of a member', { [-75012]: revocation([[...(heldRaw(gate) as unknown[]), 1] as never]) }],
  ])('with %s', (_, change) => {
    expect(new Set(names(receiptOf(change as Parameters<typeof receiptOf>[0]), expecting()))).toEqual(
      new Set(['claims']),
    )
  })
})

describe('one statement never stands in for another', () => {
  const token = machine.token(machine.platformClaims(), machine.realmClaims(challenge))
  const group = evidenceOf(groupBytes(membersOf()), { 10: challenge })

  test('a receipt is no report of a group, and no token of a Realm', () => {
    const asReport = verify(receiptOf(), { ...reporting, challenge })
    const asToken = verifyToken(receiptOf(), { ...options, expectations: {} })
    for (const verdict of [asReport, asToken]) {
      expect(verdict).toMatchObject({ kind: 'rejected', findings: [{ name: 'profile' }] })
    }
  })

  test('a report of a group and the token of a Realm are no receipts', () => {
    for (const evidence of [group, token]) expect(names(evidence, expecting())).toEqual(['profile'])
    const claims = { [-75012]: revocation(), [-75011]: 0 }
    expect(names(evidenceOf(groupBytes(membersOf()), { 10: challenge, ...claims }), expecting())).toEqual(['profile'])
  })

  test('each is known by its profile', () => {
    expect([receiptOf(), group, token].map((evidence) => readEvidence(evidence).kind)).toEqual([
      'receipt',
      'group',
      'token',
    ])
  })
})
