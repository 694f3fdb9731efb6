import { encodeBlob, MEASURE } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { extendRem, RSI_MEASUREMENT_EXTEND } from '../../src/abi/index.ts'
import { linked, policyOf, type Sketch, upload } from './arena.ts'

// A Realm measures something before its policy, or after it, so that a report says less than it seems to.

const EXTEND_POLICY = [1n, 8n, 1n] as const

test('a Realm that has measured something into REM[0] gets no policy', () => {
  const { left, policy } = linked()
  expect(left.call(RSI_MEASUREMENT_EXTEND, ...EXTEND_POLICY)[0]).toBe(0n)
  expect(upload(left, policy('left'))).toBe('measured-before')
})

test.each([false, true])(
  'after the policy REM[0] stays what it is, whether the Realm may measure on: %s',
  (measures) => {
    const { left, policy } = linked()
    const transitions = measures
      ? ([{ peer: 0, class: 'call', action: 'allow', ranges: [[MEASURE, MEASURE]] }] as const)
      : []
    const sketch: Sketch = { ...policy('left'), transitions }
    expect(upload(left, sketch)).toBe('accepted')
    const expected = extendRem(new Uint8Array(32), sha256(encodeBlob(policyOf(sketch))), sha256)
    expect(left.call(RSI_MEASUREMENT_EXTEND, ...EXTEND_POLICY)[0]).toBe(2n)
    expect(left.realm.rems[0]).toEqual(expected)
    // The others are a Realm's own where its policy says so, and closed where it does not: they stand in reports.
    expect(left.call(RSI_MEASUREMENT_EXTEND, 2, 8, 1)[0]).toBe(measures ? 0n : 2n)
  },
)

test('control: another measurement before the policy is no obstacle', () => {
  const { left, policy } = linked()
  expect(left.call(RSI_MEASUREMENT_EXTEND, 2, 8, 1)[0]).toBe(0n)
  expect(upload(left, policy('left'))).toBe('accepted')
})
