import { expect, test } from 'vitest'
import { appraiseRealm, type RealmExpectations } from '../../src/appraisal/realm.ts'
import { decodeRealmClaims, type RealmClaims } from '../../src/cca-token/realm.ts'
import type { RealmReference } from '../../src/endorsements/reference-values.ts'
import { attester } from '../attester.ts'

const decoded = decodeRealmClaims(attester().realmClaims(new Uint8Array(64)))
const claims: RealmClaims = 'rim' in decoded ? decoded : expect.fail('bad claims')
const { rim, rems, rpv } = claims
const other = new Uint8Array(32).fill(0xee)

function appraise(realms: readonly RealmReference[], expected: RealmExpectations = {}) {
  const { findings, vector } = appraiseRealm(claims, { platforms: [], realms }, expected)
  expect(vector['instance-identity']).toBe(2)
  return [vector.executables, ...findings.map(({ name }) => name)]
}

test('a Realm is worth what its references say of it', () => {
  expect(appraise([{ rim, rpv, rems }])).toEqual([2])
  expect(appraise([{ rim, rems }])).toEqual([2])
  expect(appraise([{ rim, rpv }])).toEqual([3])
  expect(appraise([{ rim, rpv: new Uint8Array(64).fill(1), rems }])).toEqual([96, 'rpv'])
  expect(appraise([{ rim, rpv, rems: [other, ...rems.slice(1)] }])).toEqual([96, 'rem'])
  expect(appraise([{ rim: other, rpv, rems }])).toEqual([-97, 'rim'])
  expect(appraise([])).toEqual([0, 'no-reference-values'])
})

test('of several references the closest counts, in any order, and the most that the matching ones say', () => {
  const references = [{ rim, rems: [other, other, other, other] }, { rim }, { rim, rems }, { rim: other }]
  expect(appraise(references)).toEqual([2])
  expect(appraise(references.toReversed())).toEqual([2])
  expect(appraise([references[0]!, references[3]!])).toEqual([96, 'rem'])
})

test('what the caller expects counts as a reference, and beside every reference', () => {
  expect(appraise([], { rims: [other, rim] })).toEqual([3])
  expect(appraise([], { rims: [rim], rems })).toEqual([2])
  expect(appraise([], { rims: [other] })).toEqual([-97, 'rim'])
  expect(appraise([{ rim }], { rims: [other] })).toEqual([-97, 'rim'])
  expect(appraise([{ rim }], { rpv: new Uint8Array(64).fill(1) })).toEqual([96, 'rpv'])
  expect(appraise([], { rpv: new Uint8Array(64).fill(1) })).toEqual([96, 'no-reference-values', 'rpv'])
})
