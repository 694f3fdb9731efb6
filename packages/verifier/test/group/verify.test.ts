import { blobDigest, encodeBlob, MEASURE, MICA_RSI, type Workflow, type WorkflowPeer } from '@mica/policy'
import { encodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { nobleSignatures } from '../../src/cose/ecdsa-noble.ts'
import type { Finding } from '../../src/findings.ts'
import type { GroupExpectations } from '../../src/group/expectations.ts'
import { verify } from '../../src/verify.ts'
import { attester, COMPONENTS, IMPLEMENTATION, withClaims } from '../attester.ts'
import {
  ASSERTIONS,
  a,
  challenge,
  evidenceOf,
  expectations,
  groupBytes,
  membersOf,
  options,
  policyOf,
  RIMS,
  WORKFLOW,
} from './pipeline.ts'

const good = groupBytes(membersOf())
const EVIL = new Uint8Array(32).fill(0xee)

const findings = (evidence: Uint8Array, more: Partial<typeof options> = {}): readonly Finding[] => {
  const verdict = verify(evidence, { ...options, ...more })
  return verdict.kind === 'accepted' ? [] : verdict.findings
}
const names = (evidence: Uint8Array, more: Partial<typeof options> = {}): string[] => [
  ...new Set(findings(evidence, more).map((one) => one.name)),
]
const expecting = (more: Partial<GroupExpectations>) => ({ expectations: { ...expectations, ...more } })

/** The pipeline with some peers changed. */
const withPeer = (name: string, change: Partial<WorkflowPeer>): Workflow => ({
  ...WORKFLOW,
  peers: WORKFLOW.peers.map((peer) => (peer.name === name ? { ...peer, ...change } : peer)),
})

describe('a group report', () => {
  test('is accepted when everything in it is as expected', () => {
    const verdict = verify(evidenceOf(good), options)
    expect(verdict).toMatchObject({
      kind: 'accepted',
      notes: [],
      claims: {
        kind: 'group',
        trustAnchor: 'test',
        group: {
          requester: 0,
          absent: [],
          leakers: ['gate'],
          members: [{ peer: 'gate', rim: RIMS['gate'] }, { peer: 'encoder' }, { peer: 'moderator' }],
        },
      },
    })
    const group = verdict.kind === 'accepted' ? verdict.claims.group : undefined
    expect(group?.channels.map((channel) => [channel.name, channel.active]).toSorted()).toEqual([
      ['clean', true],
      ['coded', true],
      ['raw', true],
    ])
    expect(group?.assertions.map((one) => one.holds)).toEqual([true, true, true])
  })

  test('is judged alike by every signature implementation and in either envelope', () => {
    expect(names(evidenceOf(good), { signatures: nobleSignatures })).toEqual([])
    const realm = new Map([
      ...withClaims(new Map([[10, challenge]]), {
        265: 'tag:mica,2026:group#1.0.0',
        44237: a.rakBytes,
        44240: 'sha-256',
        [-75010]: good,
        [-75011]: 0,
      }),
    ])
    expect(names(a.token(a.platformClaims(), realm, 399))).toEqual([])
  })

  test('is the same group whichever member asks', () => {
    const verdict = verify(evidenceOf(good, { [-75011]: 2 }), options)
    expect(verdict.kind === 'accepted' && verdict.claims.group.members[verdict.claims.group.requester]?.peer).toBe(
      'moderator',
    )
  })

  test('over a megabyte is refused before it is parsed', () => {
    expect(findings(new Uint8Array(1_048_577))).toMatchObject([
      { name: 'malformed', detail: '1048577 bytes are more than the limit of 1048576' },
    ])
  })
})

describe('what is signed', () => {
  test('a token of one Realm is no group report', () => {
    const single = attester()
    expect(names(single.token(single.platformClaims(), single.realmClaims(challenge)))).toEqual(['profile'])
  })

  test('claims of one Realm outside the group are refused, each by name', () => {
    for (const label of [256, 44235, 44236, 44238, 44239, 44243, -75009]) {
      const [first] = findings(evidenceOf(good, { [label]: new Uint8Array(32) }))
      expect(first).toMatchObject({ name: 'claims', claim: `realm ${label}` })
    }
  })

  test('claims that are missing or of another type are refused', () => {
    for (const label of [10, 44237, 44240, -75010, -75011]) {
      expect(names(evidenceOf(good, { [label]: undefined }))).toEqual(['claims'])
      expect(names(evidenceOf(good, { [label]: false }))).toEqual(['claims'])
    }
    expect(names(evidenceOf(good, { [-75011]: -1 }))).toEqual(['claims'])
  })

  test('an old challenge, another attestation key and an unknown platform are found, all of them', () => {
    expect(names(evidenceOf(good, { 10: new Uint8Array(64) }))).toEqual(['freshness'])
    expect(names(evidenceOf(good, {}, { 10: new Uint8Array(32) }))).toEqual(['binding'])
    expect(names(evidenceOf(good), { trustAnchors: [] })).toEqual(['no-trust-anchor'])
    expect(names(evidenceOf(good, { 10: new Uint8Array(64) }, { 10: new Uint8Array(32), 2395: 0x5000 }))).toEqual([
      'binding',
      'freshness',
      'lifecycle',
    ])
  })

  test('an unsigned group is not opened unless the caller wants to see everything', () => {
    const hostile = evidenceOf(encodeCbor('no group'), { 10: new Uint8Array(64) })
    expect(names(hostile, { diagnostics: 'first' })).toEqual(['freshness'])
    expect(names(hostile)).toEqual(['freshness', 'group'])
  })
})

describe('the monitor', () => {
  test('that no endorsement marks as enforcing group reports makes a report worth nothing', () => {
    const plain = { platforms: [{ implementationId: IMPLEMENTATION, components: COMPONENTS }], realms: [] }
    expect(names(evidenceOf(good), { endorsements: plain })).toEqual(['rmm-not-known-to-enforce'])
    expect(names(evidenceOf(good), { endorsements: undefined })).toEqual(['rmm-not-known-to-enforce'])
  })

  test('is not known to enforce anything when other firmware than the endorsed runs beside it', () => {
    const { platforms } = options.endorsements!
    const fewer = platforms.map((platform) => ({ ...platform, components: platform.components.slice(1) }))
    expect(names(evidenceOf(good), { endorsements: { platforms: fewer, realms: [] } })).toEqual([
      'platform-software',
      'rmm-not-known-to-enforce',
    ])
  })
})

describe('the group claim', () => {
  test('that is not canonical, or whose policies are not those of their digests, is refused with the rule', () => {
    expect(findings(evidenceOf(encodeCbor(7)))).toMatchObject([
      { name: 'group', claim: 'realm -75010', rule: 'group-wrong-shape' },
    ])
    expect(findings(evidenceOf(Uint8Array.of(...good, 0)))).toMatchObject([{ name: 'group', rule: 'group-not-cbor' }])
    const at = Buffer.from(good).indexOf('gate')
    const renamed = good.with(at, 'h'.charCodeAt(0))
    expect(findings(evidenceOf(renamed))).toMatchObject([{ name: 'group', rule: 'group-digest-differs' }])
  })

  test('names its requester among its members', () => {
    expect(names(evidenceOf(good, { [-75011]: 3 }))).toEqual(['requester-not-a-member'])
  })
})

describe('the members', () => {
  test('are the expected images: another image under a good name is not', () => {
    const members = membersOf(withPeer('encoder', { rims: [EVIL] }))
    const replaced = groupBytes(members.with(1, { ...members[1]!, rim: EVIL }))
    const found = findings(evidenceOf(replaced))
    expect(found).toContainEqual(expect.objectContaining({ name: 'unexpected-member', member: 'encoder' }))
    // Every policy that was made for the impostor says so too.
    expect(
      found
        .filter((one) => one.name === 'peer-identity')
        .map((one) => one.member)
        .toSorted(),
    ).toEqual(['encoder', 'gate', 'moderator'])
  })

  test('are the expected images: a good image under another name is not', () => {
    const { peers } = expectations
    const swapped = new Map([
      ...peers,
      ['encoder', peers.get('moderator')!],
      ['moderator', peers.get('encoder')!],
    ] as const)
    const members = findings(evidenceOf(good), expecting({ peers: swapped })).filter(
      (one) => one.name === 'unexpected-member',
    )
    expect(members.map((one) => one.member)).toEqual(['encoder', 'moderator'])
  })

  test('may not leave their place to another image, even one that is not there', () => {
    const lax = groupBytes(membersOf(withPeer('encoder', { rims: [RIMS['encoder']!, EVIL] })))
    expect(names(evidenceOf(lax))).toEqual(['peer-identity'])
  })

  test('need not all be there unless that is expected', () => {
    const two = membersOf().slice(0, 2)
    const evidence = evidenceOf(groupBytes(two))
    expect(findings(evidence)).toMatchObject([
      { name: 'missing-member', member: 'moderator' },
      { name: 'channel-inactive' },
      { name: 'channel-inactive' },
    ])
    const verdict = verify(evidence, { ...options, ...expecting({ present: [], active: ['raw'] }) })
    expect(verdict).toMatchObject({ kind: 'accepted', claims: { group: { absent: ['moderator'] } } })
  })

  test('make a channel active only where the requester has it: a stranger’s channel of that name is another', () => {
    const [raw, coded] = WORKFLOW.memories
    const peers = WORKFLOW.peers.map((peer) => ({ ...peer, strict: false }))
    // Without the moderator `clean` is idle. A helper of the open encoder gives that name to what the two share.
    const gate = policyOf({ ...WORKFLOW, peers }, 'gate')
    const helper: WorkflowPeer = { ...peers[1]!, name: 'helper', rims: [EVIL] }
    const decoy = { ...coded!, name: 'clean', mappings: [1, 2].map((peer) => ({ peer, rights: 3, ipaGranule: null })) }
    const aside: Workflow = { ...WORKFLOW, peers: [peers[0]!, peers[1]!, helper], memories: [raw!, decoy] }
    const members = [
      { rim: RIMS['gate']!, policy: gate },
      { rim: RIMS['encoder']!, policy: policyOf(aside, 'encoder') },
      { rim: EVIL, policy: policyOf(aside, 'helper') },
    ]
    const channels = [
      { holders: [0, 1].map((member) => ({ member, memory: 0 })) },
      { holders: [{ member: 0, memory: gate.memories.findIndex(({ name }) => name === 'clean') }] },
      {
        holders: [1, 2].map((member) => ({
          member,
          memory: members[member]!.policy.memories.findIndex(({ name }) => name === 'clean'),
        })),
      },
    ]
    const all = new Map([...expectations.peers, ['helper', [EVIL]]])
    const found = findings(
      evidenceOf(groupBytes(members, channels)),
      expecting({ peers: all, assertions: [], closed: false, present: [], active: ['raw', 'clean'] }),
    )
    expect(found.filter(({ severity }) => severity === 'failure')).toMatchObject([
      { name: 'channel-inactive', detail: expect.stringContaining('`clean`') },
    ])
  })

  test('share something with the requester: a Realm of another workflow has no place in the report', () => {
    const lonely = policyOf(
      { ...WORKFLOW, peers: [{ ...WORKFLOW.peers[0]!, name: 'lonely', rims: [EVIL] }], memories: [] },
      'lonely',
    )
    const members = [...membersOf(), { rim: EVIL, policy: lonely }]
    const peers = new Map([...expectations.peers, ['lonely', [EVIL]]])
    expect(findings(evidenceOf(groupBytes(members)), expecting({ peers }))).toContainEqual(
      expect.objectContaining({ name: 'unrelated-member', member: 'lonely' }),
    )
  })

  test('whose measured policy is not the reported one are found', () => {
    const members = membersOf()
    const rems = [0, 1, 2, 3].map(() => new Uint8Array(32).fill(5))
    expect(findings(evidenceOf(groupBytes(members.with(1, { ...members[1]!, more: { rems } }))))).toMatchObject([
      { name: 'rem-not-policy', member: 'encoder' },
    ])
  })

  test('whose policies let them measure on have the policy in the first measurement, and anything in the others', () => {
    const workflow: Workflow = {
      ...WORKFLOW,
      transitions: [{ peer: 1, class: 'call', action: 'allow', ranges: [[MEASURE, MEASURE]] }],
    }
    const members = membersOf(workflow)
    const withRems = (first: Uint8Array) => {
      const rems = [first, ...[1, 2, 3].map(() => new Uint8Array(32).fill(5))]
      return names(evidenceOf(groupBytes(members.with(1, { ...members[1]!, more: { rems } }))))
    }
    const digest = blobDigest(encodeBlob(members[1]!.policy), 'sha-256')
    expect(withRems(sha256(Uint8Array.of(...new Uint8Array(32), ...digest)))).not.toContain('rem-not-policy')
    expect(withRems(new Uint8Array(32).fill(5))).toContain('rem-not-policy')
  })
})

describe('the policies', () => {
  test('are a compatible set: one that takes wider rights than another grants is not', () => {
    const [raw, ...rest] = WORKFLOW.memories
    const greedy: Workflow = {
      ...WORKFLOW,
      memories: [{ ...raw!, mappings: raw!.mappings.map((m) => ({ ...m, rights: 3 })) }, ...rest],
    }
    const members = membersOf()
    const evidence = evidenceOf(groupBytes(members.with(1, { ...members[1]!, policy: policyOf(greedy, 'encoder') })))
    expect(findings(evidence)).toContainEqual(expect.objectContaining({ name: 'incompatible', rule: 'rights-wider' }))
  })

  test('are closed, unless the caller allows open ends', () => {
    const [raw, ...rest] = WORKFLOW.memories
    const any: Workflow = {
      ...WORKFLOW,
      memories: [
        { ...raw!, mappings: [...raw!.mappings, { peer: null, rights: 1, ipaGranule: null, anyCount: 1 }] },
        ...rest,
      ],
    }
    expect(names(evidenceOf(groupBytes(membersOf(any))))).toContain('not-closed')
    const open = evidenceOf(groupBytes(membersOf(withPeer('moderator', { strict: false }))))
    expect(names(open)).toContain('not-closed')
    const nameless = evidenceOf(groupBytes(membersOf(withPeer('moderator', { rims: [] })).slice(0, 2)))
    expect(names(nameless)).toContain('not-closed')
    expect(names(open, expecting({ closed: false, assertions: [] }))).not.toContain('not-closed')
  })

  test('were compiled from the expected assertions', () => {
    const evidence = evidenceOf(groupBytes(membersOf({ ...WORKFLOW, assertions: ASSERTIONS.slice(1) })))
    const found = findings(evidence)
    expect(found.map((one) => one.name)).toEqual(['assertion-digest', 'assertion-digest', 'assertion-digest'])
    expect(found.map((one) => one.member)).toEqual(['gate', 'encoder', 'moderator'])
  })

  test('bear the assertions out: one that lets the encoder call the host is found, with the path', () => {
    const weak: Workflow = {
      ...WORKFLOW,
      transitions: [{ peer: 1, class: 'call', action: 'allow', ranges: [[0xc400_0199, 0xc400_0199]] }],
    }
    const found = findings(evidenceOf(groupBytes(membersOf(weak))))
    expect(found.map((one) => one.name)).toEqual(['assertion', 'assertion'])
    expect(found[0]).toMatchObject({
      rule: 'assert raw reaches host only via moderator',
      path: ['raw', 'encoder', 'host'],
    })
  })
})

test('what a policy has scrubbed is noted: the host still learns that it happened', () => {
  const ranges = [[0xc400_0199, 0xc400_0199]] as const
  const quiet: Workflow = { ...WORKFLOW, transitions: [{ peer: 1, class: 'call', action: 'scrub', ranges }] }
  const verdict = verify(evidenceOf(groupBytes(membersOf(quiet))), options)
  expect(verdict.kind).toBe('accepted')
  expect(verdict.notes).toMatchObject([{ name: 'residual-flow', detail: expect.stringContaining('`encoder`') }])
})

test('who has a clock is noted', () => {
  const call = { peer: 1, class: 'call', action: 'allow', ranges: [[MICA_RSI.TIME, MICA_RSI.TIME]] } as const
  const group = groupBytes(membersOf({ ...WORKFLOW, transitions: [call] }))
  const verdict = verify(evidenceOf(group), options)
  expect(verdict.notes).toEqual([
    expect.objectContaining({
      name: 'residual-flow',
      detail: '`encoder` has a clock, and can tell how much others have run',
    }),
  ])
})

test('what pacing tells is noted with its rate', () => {
  const memories = WORKFLOW.memories.map((memory) => ({ ...memory, paced: memory.name === 'clean' }))
  const verdict = verify(evidenceOf(groupBytes(membersOf({ ...WORKFLOW, memories }))), options)
  expect(verdict.kind).toBe('accepted')
  expect(verdict.notes).toMatchObject([
    { name: 'residual-flow', detail: '`gate` can tell `moderator` one bit a quantum (48 a second), by pacing `clean`' },
  ])
})

test('replicas of one image are members of their own, called by their place', () => {
  const workflow: Workflow = {
    ...WORKFLOW,
    peers: [{ ...WORKFLOW.peers[0]!, gateway: false }, WORKFLOW.peers[1]!],
    memories: WORKFLOW.memories.slice(0, 1),
    assertions: [],
  }
  const gate = { rim: RIMS['gate']!, policy: policyOf(workflow, 'gate') }
  const encoder = { rim: RIMS['encoder']!, policy: policyOf(workflow, 'encoder') }
  const raw = [0, 2].map((member) => ({ member, memory: 0 }))
  const evidence = evidenceOf(groupBytes([gate, gate, encoder], [{ holders: raw }]))
  const verdict = verify(evidence, { ...options, ...expecting({ assertions: [], present: [], active: [] }) })
  expect(verdict.kind === 'accepted' && verdict.claims.group.members.map((member) => member.label)).toEqual([
    'gate#0',
    'gate#1',
    'encoder',
  ])
})

test('only the first finding is given unless all are asked for', () => {
  const evidence = evidenceOf(good, { 10: new Uint8Array(64) }, { 10: new Uint8Array(32) })
  expect(names(evidence, { diagnostics: 'first' })).toEqual(['binding'])
})
