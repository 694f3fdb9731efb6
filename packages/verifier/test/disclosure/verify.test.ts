import { blobDigest, encodeBlob, RIGHT } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import {
  disclose,
  earOf,
  type Finding,
  renderVerdict,
  verdictJson,
  verify,
  verifyDisclosure,
  verifyToken,
} from '../../src/index.ts'
import { a, evidenceOf, groupBytes, membersOf, RIMS } from '../group/pipeline.ts'
import { good, options, shown, tree, treeEvidence, wholeOptions, withMembers } from './disclosures.ts'

const verdictOn = (evidence: Uint8Array, more: Partial<typeof options> = {}) =>
  verifyDisclosure(evidence, { ...options, ...more })
const findings = (evidence: Uint8Array, more: Partial<typeof options> = {}): readonly Finding[] => {
  const verdict = verdictOn(evidence, more)
  return verdict.kind === 'accepted' ? [] : verdict.findings
}
const names = (evidence: Uint8Array, more: Partial<typeof options> = {}): string[] =>
  findings(evidence, more).map(({ name }) => name)
const claims = (evidence: Uint8Array) => {
  const verdict = verdictOn(evidence)
  if (verdict.kind === 'rejected') throw new Error(verdict.findings[0]!.detail)
  return verdict.claims.disclosure
}
const digestOf = (member: number): Uint8Array => blobDigest(encodeBlob(membersOf()[member]!.policy), 'sha-256')

describe('a member that is shown', () => {
  test('is who it is, under the policy of that digest, with its own ends of channels', () => {
    const { members, size, shown: count } = claims(shown('encoder'))
    expect([size, count]).toEqual([9, 3])
    expect(members).toMatchObject([
      { leaf: tree.members[1], rim: RIMS['encoder'], rpv: new Uint8Array(64), policyDigest: digestOf(1) },
    ])
    const [encoder] = members
    expect(encoder!.edges.map(({ rights }) => rights).toSorted()).toEqual([RIGHT.read, RIGHT.write])
    expect(encoder!.edges.map(({ others }) => others)).toEqual([1, 1])
    expect(encoder!.edges[0]!.channel).not.toEqual(encoder!.edges[1]!.channel)
  })

  test('shares a channel with another that is shown, which without the other leads to nobody', () => {
    const labels = (...members: string[]) =>
      claims(shown(...members)).members.flatMap(({ edges }) =>
        edges.map(({ channel }) => Buffer.from(channel).toString('hex')),
      )
    expect(new Set(labels('encoder')).size).toBe(2)
    const both = labels('encoder', 'moderator')
    expect(both).toHaveLength(4)
    expect(new Set(both).size).toBe(3)
  })

  test('may be the one that asked, which a caller can ask for', () => {
    expect(claims(shown('gate')).requester).toBe(0)
    expect(claims(shown('encoder')).requester).toBeUndefined()
    const asked = { expectations: { requesterShown: true } }
    expect(names(shown('gate', 'encoder'), asked)).toEqual([])
    expect(names(shown('encoder'), asked)).toEqual(['requester-not-shown'])
    expect(verdictOn(shown('encoder'), asked).submodules.map(({ status }) => status)).toEqual([
      'affirming',
      'contraindicated',
    ])
  })

  test('is one of the expected images and under one of the expected policies, where there are any', () => {
    const expecting = (rims?: Uint8Array[], policyDigests?: Uint8Array[]) => ({ expectations: { rims, policyDigests } })
    const evidence = shown('encoder')
    expect(names(evidence, expecting([RIMS['gate']!, RIMS['encoder']!], [digestOf(1)]))).toEqual([])
    expect(findings(evidence, expecting([RIMS['gate']!]))).toMatchObject([
      { name: 'unexpected-member', member: `#${tree.members[1]}` },
    ])
    expect(findings(evidence, expecting(undefined, [digestOf(0)]))[0]!.detail).toContain('is under policy')
    expect(names(evidence, expecting([]))).toEqual(['unexpected-member'])
  })

  test('has measured nothing over its policy', () => {
    const [gate, ...others] = membersOf()
    const rems = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte))
    const evidence = partOf(treeEvidence({ group: groupBytes([{ ...gate!, more: { rems } }, ...others]) }), 'gate')
    expect(names(evidence)).toEqual(['rem-not-policy'])
    const { submodules } = verdictOn(evidence, { expectations: { rims: [RIMS['gate']!] } })
    expect(submodules[1]).toMatchObject({ status: 'contraindicated', vector: { executables: 96 } })
  })
})

describe('what is not shown', () => {
  test('is noted, and no verdict on a group is given', () => {
    const verdict = verdictOn(shown('encoder'))
    expect(verdict.notes).toMatchObject([
      {
        name: 'not-shown',
        severity: 'note',
        detail: '3 of 9 leaves shown; whether the policies agree, and what they let flow where, is not judged',
      },
    ])
    expect(verdict.submodules.map(({ name }) => name)).toEqual(['CCA_SSD_PLATFORM', `MICA_MEMBER/#${tree.members[1]}`])
    const all = verdictOn(shown('gate', 'encoder', 'moderator'))
    expect(all.notes[0]!.detail).toContain('every leaf shown; whether the policies agree')
    expect(all.kind === 'accepted' && all.claims.kind).toBe('disclosure')
  })

  test('may be what makes the group unacceptable: a part of it says nothing of that', () => {
    const [gate, encoder, moderator] = membersOf()
    const group = groupBytes([gate!, encoder!, { ...moderator!, rim: new Uint8Array(32).fill(0xee) }])
    const evidence = treeEvidence({ group })
    expect(verify(evidence, wholeOptions).kind).toBe('rejected')
    expect(verdictOn(partOf(evidence, 'encoder')).kind).toBe('accepted')
  })

  test('is in no form of the result: text, JSON, attestation result', () => {
    const verdict = verdictOn(shown('encoder'))
    const result = { verifier: { developer: 'test', build: '1' }, issuedAt: new Date(0) }
    for (const form of ['veraison', 'draft-04'] as const) {
      const text = JSON.stringify(verdictJson(verdict, { ...result, form }))
      expect(text).toContain('11'.repeat(32))
      expect(text).not.toContain('10'.repeat(32))
      expect(text).not.toContain('MICA_GROUP')
      expect(Object.keys(earOf(verdict, { ...result, form })['submods'] as object)).toHaveLength(2)
    }
    expect(renderVerdict(verdict)).not.toContain('1010')
  })
})

test('a person is shown members, their edges, what is not shown and who asked', () => {
  const [gate, encoder] = [tree.members[0]!, tree.members[1]!]
  const lines = renderVerdict(verdictOn(partOf(treeEvidence(), 'gate', ['raw']))).split('\n')
  expect(lines[0]).toBe('accepted   vouched for by `test`')
  expect(lines).toContain(`#${gate} *    ${'10'.repeat(32)}  ${Buffer.from(digestOf(0)).toString('hex')}`)
  expect(lines.some((line) => /^#\d+ +1 +\d +-w-- +1$/.test(line))).toBe(true)
  expect(lines.some((line) => /^#\d+ +1 not shown$/.test(line))).toBe(true)
  expect(renderVerdict(verdictOn(shown('encoder')))).toContain('another member asked for this report')
  expect(verdictJson(verdictOn(shown('gate', 'encoder')))).toMatchObject({
    verdict: 'accepted',
    disclosure: {
      leaves: 9,
      shown: 6,
      requester: `#${gate}`,
      members: [gate, encoder].toSorted((x, y) => x - y).map((leaf) => ({ label: `#${leaf}`, hiddenEdges: 0 })),
    },
  })
})

describe('is rejected, as other evidence is', () => {
  test('with an old challenge, another attestation key, an unknown platform, a monitor that nobody endorses', () => {
    const evidence = shown('gate')
    expect(names(evidence, { challenge: new Uint8Array(64) })).toEqual(['freshness'])
    expect(names(evidence, { trustAnchors: [] })).toEqual(['no-trust-anchor'])
    expect(names(evidence, { endorsements: undefined })).toEqual(['rmm-not-known-to-enforce'])
    expect(names(evidence, { endorsements: wholeOptions.endorsements })).toEqual([])
    expect(verdictOn(evidence, { challenge: new Uint8Array(64) }).submodules).toMatchObject([{ name: 'ARM_CCA' }])
  })

  test('without a look at what it shows where nobody vouches for it, unless everything is to be found', () => {
    const stale = { challenge: new Uint8Array(64) } as const
    const isOpened = (diagnostics: 'first' | 'all'): boolean => {
      const verdict = verdictOn(shown('gate'), { ...stale, diagnostics })
      return verdict.kind === 'rejected' && verdict.unverified !== undefined
    }
    expect([isOpened('first'), isOpened('all')]).toEqual([false, true])
  })

  test('where a monitor is endorsed for reports with the group signed alone', async () => {
    const { options: plain } = await import('../group/pipeline.ts')
    const verdict = verdictOn(shown('gate'), {
      endorsements: plain.endorsements,
      expectations: { rims: [RIMS['gate']!] },
    })
    expect(verdict.kind === 'rejected' && verdict.findings.map(({ name }) => name)).toEqual([
      'rmm-not-known-to-enforce',
    ])
    expect(verdict.submodules[1]).toMatchObject({ status: 'warning', vector: { executables: 33 } })
  })

  test('when it is another kind of evidence', () => {
    const single = a.token(a.platformClaims(), a.realmClaims(options.challenge))
    expect(names(single)).toEqual(['profile'])
    expect(names(evidenceOf(good))).toEqual(['profile'])
    expect(names(treeEvidence())).toEqual(['group-tree'])
    expect(verdictOn(treeEvidence()).submodules).toMatchObject([
      { name: 'CCA_SSD_PLATFORM', status: 'affirming' },
      { name: 'MICA_MEMBERS', status: 'contraindicated' },
    ])
    const verdict = verifyToken(shown('gate'), { ...options, expectations: {} })
    expect(verdict.kind === 'rejected' && verdict.findings.map(({ name }) => name)).toEqual(['profile'])
    expect(names(withMembers(shown('gate'), { 44234: undefined }))).toEqual(['missing-platform'])
  })
})

test('a member amounts to its image and its policy, as far as somebody expects them', () => {
  const partFor = (expectations: (typeof options)['expectations']) =>
    verdictOn(shown('gate'), { expectations }).submodules.find(({ name }) => name.startsWith('MICA_MEMBER/'))
  expect(partFor({})).toMatchObject({ status: 'none', vector: { executables: 0, configuration: 0 } })
  const known = { rims: [RIMS['gate']!], policyDigests: [digestOf(0)] }
  expect(partFor(known)).toMatchObject({ status: 'affirming', vector: { executables: 3, configuration: 2 } })
  expect(partFor({ ...known, rims: [] })).toMatchObject({ status: 'contraindicated', vector: { executables: -97 } })
  expect(partFor({ ...known, policyDigests: [] })).toMatchObject({ vector: { configuration: 96 } })
})

function partOf(evidence: Uint8Array, member: string, channels?: readonly string[]): Uint8Array {
  const disclosing = disclose(evidence, [{ member, channels }])
  if (disclosing.kind === 'refused') throw new Error(disclosing.reason)
  return disclosing.evidence
}
