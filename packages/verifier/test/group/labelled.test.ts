import { encodePolyV1, type Policy, shortName, translatePolyV1 } from '@mica/policy'
import { expect, test } from 'vitest'
import type { GroupExpectations } from '../../src/group/expectations.ts'
import { verify } from '../../src/verify.ts'
import { evidenceOf, expectations, groupBytes, options, policyOf, RIMS, type TestMember, WORKFLOW } from './pipeline.ts'

/** The pipeline's policies as they are after they have been carried through `POLY` v1: names are short, and labels gone. */
function carried(name: string): Policy {
  const { peers, memories, ...rest } = policyOf(WORKFLOW, name)
  const placed = memories.map((memory, index) => {
    const mappings = memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: 0x200 * (index + 1) }))
    return { ...memory, mappings }
  })
  const encoded = encodePolyV1({ ...rest, peers, memories: placed })
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  const translated = translatePolyV1(encoded.blob)
  if (translated.kind === 'refused') throw new Error(translated.fact.rule)
  return translated.policy
}

const NAMES = Object.keys(RIMS)
const members = (): TestMember[] => NAMES.map((name) => ({ rim: RIMS[name]!, policy: carried(name) }))
const expecting = (more: Partial<GroupExpectations> = {}) => ({
  ...options,
  expectations: {
    ...expectations,
    peers: new Map(NAMES.map((name) => [shortName(name), [RIMS[name]!]])),
    active: [],
    assertions: [],
    ...more,
  },
})
const names = (group: readonly TestMember[], more: Partial<GroupExpectations> = {}): string[] => {
  const verdict = verify(evidenceOf(groupBytes(group)), expecting(more))
  return verdict.kind === 'accepted' ? [] : [...new Set(verdict.findings.map((one) => one.name))]
}

test('a group of v1 policies is not closed: its policies admit whoever comes', () => {
  expect(names(members())).toEqual(['not-closed'])
})

test('where that is accepted, its peers count as the host, whatever they are called and whoever holds their places', () => {
  const assertions: GroupExpectations['assertions'] = [
    { property: { kind: 'leakers-are', names: ['gate'] }, confined: [] },
    { property: { kind: 'never-reaches', from: shortName('encoder'), to: 'host', except: [] }, confined: [] },
  ]
  expect(names(members(), { closed: false, assertions })).toContain('assertion')
  const verdict = verify(evidenceOf(groupBytes(members())), expecting({ closed: false }))
  if (verdict.kind !== 'accepted' || verdict.claims.kind !== 'group') throw new Error('no verdict on a group')
  expect(verdict.claims.group.leakers).toEqual(expect.arrayContaining(NAMES.map(shortName)))
})

test('another image is no member of the name that it gives itself', () => {
  const [gate, encoder, moderator] = members()
  const impostor = { ...encoder!, rim: new Uint8Array(32).fill(0xee) }
  expect(names([gate!, impostor, moderator!], { closed: false })).toContain('unexpected-member')
})

test('control: the same members with policies that name measurements are accepted', () => {
  const named = NAMES.map((name) => ({ rim: RIMS[name]!, policy: policyOf(WORKFLOW, name) }))
  expect(verify(evidenceOf(groupBytes(named)), options).kind).toBe('accepted')
})
