import { expect, test } from 'vitest'
import { verifyToken } from '../src/cca-token/verify.ts'
import { renderVerdict, verdictJson } from '../src/report.ts'
import { verify } from '../src/verify.ts'
import { a, challenge, evidenceOf, groupBytes, membersOf, options, WORKFLOW } from './group/pipeline.ts'

const good = verify(evidenceOf(groupBytes(membersOf())), options)
const weak = {
  ...WORKFLOW,
  transitions: [{ peer: 1, class: 'call', action: 'allow', ranges: [[0xc400_0199, 0xc400_0199]] }],
} as const
const bad = verify(evidenceOf(groupBytes(membersOf(weak))), { ...options, diagnostics: 'first' })

test('an accepted group is shown with its members, channels, assertions and leakers', () => {
  expect(renderVerdict(good)).toMatchInlineSnapshot(`
    "accepted   vouched for by \`test\`

    member     RIM               policy
    gate *     1010101010101010  5db926240ae38438
    encoder    1111111111111111  e1afd8b9c4851ad9
    moderator  1212121212121212  b6f5882a49931346

    channel  state   held by
    raw      active  gate, encoder
    clean    active  gate, moderator
    coded    active  encoder, moderator

    assertion
    holds      assert raw reaches host only via moderator
    holds      assert acyclic except gate
    holds      assert leakers are gate

    leakers    gate
    *          asked for this report
    "
  `)
})

test('the chain of a member that has left, returned or lost a memory is shown, of others that there is nothing in it', () => {
  const members = membersOf()
  const moved = members.with(1, { ...members[1]!, more: { chainHead: new Uint8Array(32).fill(0xab) } })
  const verdict = verify(evidenceOf(groupBytes(moved)), options)
  const [, table] = renderVerdict(verdict).split('\n\n')
  expect(table).toMatchInlineSnapshot(`
    "member     RIM               policy            chain
    gate *     1010101010101010  5db926240ae38438  as uploaded
    encoder    1111111111111111  e1afd8b9c4851ad9  abababababababab
    moderator  1212121212121212  b6f5882a49931346  as uploaded"
  `)
  const { group } = JSON.parse(JSON.stringify(verdictJson(verdict)))
  expect(group.members.map(({ chainHead }: { chainHead?: string }) => chainHead)).toEqual([
    undefined,
    'ab'.repeat(32),
    undefined,
  ])
})

test('a rejected group is shown with the first reason and the path that breaks the assertion', () => {
  expect(renderVerdict(bad).split('\n\n')[0]).toMatchInlineSnapshot(`
    "rejected   MICA2050 assertion: \`assert raw reaches host only via moderator\` does not hold: a path leads from \`raw\` to \`host\` around \`moderator\`
               rule: assert raw reaches host only via moderator
               path: raw -> encoder -> host"
  `)
})

test('the JSON form is JSON, and holds claims only when they are believed', () => {
  expect(JSON.parse(JSON.stringify(verdictJson(good)))).toMatchObject({
    verdict: 'accepted',
    findings: [],
    trustAnchor: 'test',
    group: { requester: 'gate' },
  })
  const rejected = JSON.parse(JSON.stringify(verdictJson(bad)))
  expect(rejected).toMatchObject({ verdict: 'rejected', findings: [{ code: 'MICA2050', name: 'assertion' }] })
  expect(Object.keys(rejected).toSorted()).toEqual(['findings', 'notes', 'verdict'])
})

test('a single token is shown with its measurement, how far its parts are trusted, and the firmware', () => {
  const verdict = verifyToken(a.token(a.platformClaims(), a.realmClaims(challenge)), { ...options, expectations: {} })
  expect(renderVerdict(verdict)).toMatchInlineSnapshot(`
    "accepted   vouched for by \`test\`

    realm      RIM 1111111111111111111111111111111111111111111111111111111111111111
    platform   a1a1a1a1a1a1a1a1… instance 01b2b2b2b2b2b2b2…, lifecycle 0x3003

    part              status
    CCA_SSD_PLATFORM  affirming
    CCA_REALM         none       no-reference-values: nothing is known about the initial measurement

    component  version  measurement        signer
    BL                  0101010101010101…  5151515151515151…
    RMM                 0202020202020202…  5252525252525252…

    note       MICA2031 no-reference-values: nothing is known about the initial measurement
    "
  `)
  expect(verdictJson(verdict)).toMatchObject({ verdict: 'accepted', realm: { rim: '11'.repeat(32) } })
})

test('names from evidence cannot write to the terminal', () => {
  const evil = {
    ...WORKFLOW,
    peers: WORKFLOW.peers.map((peer) => (peer.name === 'encoder' ? { ...peer, name: '\u001b[2Jok\u202e' } : peer)),
  }
  const members = membersOf({ ...evil, assertions: [] }, ['gate', '\u001b[2Jok\u202e', 'moderator'])
  const text = renderVerdict(verify(evidenceOf(groupBytes(members)), options))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the subject
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})
