import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { expect, test } from 'vitest'
import { openEnvelope, TOKEN_SIZE_LIMIT } from '../../src/cca-token/envelope.ts'

const token = Uint8Array.of(1)
const open = (tag: number, entries: readonly [number, CborValue][]): string => {
  const opened = openEnvelope(encodeCbor({ tag, value: new Map(entries) }), TOKEN_SIZE_LIMIT)
  return 'code' in opened ? opened.name : 'opened'
}

test('both envelopes open, and further members are passed over', () => {
  expect(
    open(399, [
      [44234, token],
      [44241, token],
      [44258, 0],
    ]),
  ).toBe('opened')
  expect(
    open(907, [
      [44234, [263, token]],
      [44241, [263, token]],
      [44258, [601, token]],
    ]),
  ).toBe('opened')
})

test('another tag, or none, is an unknown envelope', () => {
  expect(
    open(44234, [
      [0, token],
      [1, token],
    ]),
  ).toBe('unknown-envelope')
  expect(
    open(18, [
      [44234, token],
      [44241, token],
    ]),
  ).toBe('unknown-envelope')
  expect(openEnvelope(encodeCbor(new Map()), TOKEN_SIZE_LIMIT)).toMatchObject({ name: 'unknown-envelope' })
  expect(openEnvelope(encodeCbor({ tag: 907, value: [] }), TOKEN_SIZE_LIMIT)).toMatchObject({
    name: 'unknown-envelope',
  })
})

test('a half that is not there is found by name', () => {
  expect(open(399, [[44241, token]])).toBe('missing-platform')
  expect(open(399, [[44234, token]])).toBe('missing-realm')
})

test('halves are wrapped as their envelope asks, and as the content format of a token', () => {
  expect(
    open(907, [
      [44234, token],
      [44241, token],
    ]),
  ).toBe('cmw-type')
  expect(
    open(399, [
      [44234, [263, token]],
      [44241, [263, token]],
    ]),
  ).toBe('cmw-type')
  expect(
    open(907, [
      [44234, [61, token]],
      [44241, [263, token]],
    ]),
  ).toBe('cmw-type')
  expect(
    open(907, [
      [44234, [263, token]],
      [44241, [263, token, 1]],
    ]),
  ).toBe('cmw-type')
})
