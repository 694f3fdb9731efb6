import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { expect, test } from 'vitest'
import { readCorim } from '../../src/corim/read.ts'
import { bytes, map, tag } from './corims.ts'

const TOKEN_PROFILE = 'tag:arm.com,2023:cca_platform#1.0.0'
const expiry = [10, tag(0, '2026-12-01T00:00:00Z')] as const
const at = new Date('2026-11-21T00:00:00Z')

const component = (implementation: number, label: string): CborValue => [
  map([0, map([0, tag(600, bytes(32, implementation))])]),
  [map([0, tag(601, map([1, label], [5, bytes(32, 5)]))], [1, map([2, [[1, bytes(32, 3)]]])])],
]
const quad = (triple: CborValue): CborValue => map([1, [tag(560, bytes(3, 1))]], [2, triple])
const answer = (profile: string, ...results: readonly (readonly [number, CborValue])[]): Uint8Array =>
  encodeCbor(map([0, profile], [1, map([0, 2])], [2, map(...results)]))
const refusal = (bytes: Uint8Array): string => {
  const reading = readCorim(bytes, { at })
  return reading.kind === 'refused' ? reading.reason : 'read'
}

test('the quads of one implementation are one state of it, those of another are another', () => {
  const quads = [component(1, 'BL'), component(2, 'BL'), component(1, 'RMM')].map(quad)
  const reading = readCorim(answer(TOKEN_PROFILE, [0, quads], expiry), { at })
  const platforms = reading.kind === 'read' ? reading.value.endorsements.platforms : expect.fail(reading.reason)
  expect(platforms.map(({ components }) => components.map(({ type }) => type))).toEqual([['BL', 'RMM'], ['BL']])
})

test('an answer is refused without time of expiry, authority or triple, and of another profile', () => {
  const quads = [quad(component(1, 'BL'))]
  expect(refusal(answer(TOKEN_PROFILE, [0, quads]))).toBe('the result set has no time of expiry')
  expect(refusal(answer(TOKEN_PROFILE, [0, quads], [10, tag(0, 'soon')]))).toBe('the result set has no time of expiry')
  expect(refusal(answer(TOKEN_PROFILE, [0, [map([2, component(1, 'BL')])]], expiry))).toBe('a quad names no authority')
  expect(refusal(answer(TOKEN_PROFILE, [0, [map([1, []])]], expiry))).toBe('a quad has no triple')
  expect(refusal(answer(TOKEN_PROFILE, [0, 7], expiry))).toBe('a result set holds something that is no list of quads')
  expect(refusal(answer('tag:example.com,2025:x', [0, quads], expiry))).toMatch(/is not one of CCA$/)
  expect(refusal(answer('tag:arm.com,2023:realm#1.0.0', [0, quads], expiry))).toBe(
    'environment.class.id is no byte string under tag 560',
  )
  expect(refusal(encodeCbor(map([0, TOKEN_PROFILE], [1, map([0, 2])])))).toBe(
    'it is neither a CoRIM (tag 501) nor a CoSERV result set',
  )
})

test('results of other kinds are passed over, and said', () => {
  const reading = readCorim(answer(TOKEN_PROFILE, [1, []], expiry), { at })
  expect(reading).toMatchObject({ kind: 'read', value: { notes: ['results of kind 1 are passed over'] } })
})
