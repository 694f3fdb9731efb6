import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { readEndorsements, readEvidence, verify, verifyDisclosure, verifyReceipt, verifyToken } from '../src/index.ts'
import { attester, type Claims, withClaims } from './attester.ts'
import { options as groupOptions } from './group/pipeline.ts'

/*
 * Evidence is anybody's bytes until it is verified, and reading it must not cost much more than receiving it: what is
 * allocated for a byte is bounded, and so is what is said about it.
 */

const a = attester()
const challenge = new Uint8Array(64).fill(7)
const options = { trustAnchors: [a.trustAnchor], challenge, expectations: {}, diagnostics: 'all' } as const

const tokenOf = (platform: Claims, realm: Claims = a.realmClaims(challenge)) =>
  verifyToken(a.token(platform, realm), options)
const findingsOf = (verdict: ReturnType<typeof tokenOf>) => (verdict.kind === 'rejected' ? verdict.findings : [])

describe('what is said of hostile evidence', () => {
  test('of a list of things that are no firmware components, is the first of them', () => {
    const platform = withClaims(a.platformClaims(), { 2399: new Array<CborValue>(5000).fill(null) })
    expect(findingsOf(tokenOf(platform)).map(({ detail }) => detail)).toEqual([
      'platform claim 2399: component 0 is not as the profile says',
    ])
  })

  test('of a list of things that are no platform extensions, is the first of them', () => {
    const profile = 'tag:arm.com,2024:cca_platform#1.1.0'
    const platform = withClaims(a.platformClaims(), { 265: profile, 2404: new Array<CborValue>(5000).fill(null) })
    expect(findingsOf(tokenOf(platform))).toHaveLength(1)
  })

  test('of hundreds of components that nobody knows, are the first in a result', () => {
    const component = [...(a.platformClaims().get(2399) as readonly CborValue[])][0]!
    const token = a.token(
      withClaims(a.platformClaims(), { 2399: new Array(300).fill(component) }),
      a.realmClaims(challenge),
    )
    const { submodules } = verifyToken(token, { ...options, endorsements: groupOptions.endorsements })
    expect(submodules[0]!.problem).toMatch(/; and 292 more$/)
  })

  test('of a profile without end, is how it begins', () => {
    const [finding] = findingsOf(tokenOf(withClaims(a.platformClaims(), { 265: '\u0001'.repeat(50_000) })))
    expect(finding).toMatchObject({ name: 'profile' })
    expect(finding!.detail.length).toBeLessThan(8000)
    expect(finding!.detail).toContain('…')
  })
})

describe('items beyond what evidence can have are not read', () => {
  const many = (count: number): CborValue => new Array<CborValue>(count).fill(new Map())

  test('in claims, in a header, nor beside the tokens', () => {
    const inClaims = tokenOf(withClaims(a.platformClaims(), { 9999: many(8192) }))
    expect(findingsOf(inClaims)[0]!.detail).toMatch(/^platform claims: too-many-items/)

    const claims = { platform: a.platformClaims(), realm: a.realmClaims(challenge) }
    const [platform, realm] = [
      a.sign('platform', encodeCbor(claims.platform)),
      a.sign('realm', encodeCbor(claims.realm)),
    ]
    const { value } = platform as { readonly value: readonly CborValue[] }
    const withHeader = { tag: 18, value: [value[0]!, new Map([[99, many(1024)]]), value[2]!, value[3]!] }
    const envelope = (half: CborValue, beside: readonly (readonly [number, CborValue])[]) =>
      encodeCbor({
        tag: 907,
        value: new Map<number, CborValue>([
          [44234, [263, encodeCbor(half)]],
          [44241, [263, encodeCbor(realm)]],
          ...beside,
        ]),
      })
    expect(findingsOf(verifyToken(envelope(withHeader, []), options))[0]!.detail).toMatch(/^platform token: too-many/)
    const beside = envelope(platform, [[9, many(1024)]])
    for (const judge of [verifyToken, verifyReceipt, verifyDisclosure]) {
      const verdict = judge(beside, options)
      expect(verdict).toMatchObject({ kind: 'rejected', findings: [{ name: 'malformed' }] })
    }
    expect(verify(beside, groupOptions)).toMatchObject({ kind: 'rejected', findings: [{ name: 'malformed' }] })
  })

  test('but a token with hundreds of components and claims of other makers is one', () => {
    const component = [...(a.platformClaims().get(2399) as readonly CborValue[])][0]!
    const platform = withClaims(a.platformClaims(), {
      2399: new Array<CborValue>(500).fill(component),
      9999: many(1000),
    })
    expect(tokenOf(platform)).toMatchObject({ kind: 'accepted' })
  })
})

test('a carrier in JSON with more brackets than any has is not opened', () => {
  const token = [...a.token(a.platformClaims(), a.realmClaims(challenge))]
  const carried = (more: unknown) => readEvidence(new TextEncoder().encode(JSON.stringify({ token, more }))).carrier
  expect(carried([[], {}])).toBe('trustee')
  expect(carried(new Array(64).fill([]))).toBe('none')
})

test('what a manifest holds beside endorsements is named up to a number of things', () => {
  const strange = Array.from({ length: 5000 }, (_, index): [number, CborValue] => [index + 10, 0])
  const comid = new Map<number, CborValue>([
    [1, new Map([[0, 'x']])],
    [4, new Map(strange)],
  ])
  const corim = new Map<number, CborValue>([
    [0, 'x'],
    [1, [{ tag: 506, value: encodeCbor(comid) }]],
  ])
  const reading = readEndorsements(encodeCbor({ tag: 501, value: corim }))
  if (reading.kind === 'refused') throw new Error(reading.reason)
  expect(reading.value.notes).toHaveLength(33)
  expect(reading.value.notes.at(-1)).toBe('more is passed over than is named here')
})
