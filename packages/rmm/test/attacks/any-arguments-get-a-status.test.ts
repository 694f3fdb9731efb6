import { encodeBlob } from '@mica/policy'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import { RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { linked, policyOf, ruleName, upload } from './arena.ts'

// Addresses and lengths at every edge, and bytes that are no policy.

const EDGES = [
  0n,
  1n,
  BigInt(RAM),
  BigInt(RAM + 24 * PAGE - 1),
  BigInt(UNPROTECTED),
  2n ** 32n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const LENGTHS = [0n, 1n, 4096n, 65_536n, 65_537n, 2n ** 63n, 2n ** 64n - 1n]

test('no address and length make an upload throw, hang or succeed', () => {
  const { host, left } = linked()
  for (const ipa of EDGES) {
    for (const length of LENGTHS) {
      const [status] = left.call(RSI_UPLOAD_POLICY, ipa, length)
      expect([1n, 2n], `${ipa}, ${length}`).toContain(status)
    }
  }
  expect(brokenInvariants(host)).toEqual([])
})

test('a blob over the limit of length is refused without a look at it', () => {
  const { left } = linked()
  const reasonFor = (length: number) => ruleName(Number(left.call(RSI_UPLOAD_POLICY, RAM, length)[1]))
  expect(reasonFor(65_537)).toBe('blob-too-long')
  // As long as it may be: it is looked at, and it is no blob.
  expect(reasonFor(65_536)).toBe('blob-not-cbor')
})

test('a policy that ends with the last byte of memory is taken, and not a byte beyond is looked at', () => {
  const { left, policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  const ipa = RAM + 24 * PAGE - blob.length
  left.perform((cpu) => cpu.store(ipa, blob))
  expect(left.call(RSI_UPLOAD_POLICY, ipa, blob.length + 1).slice(0, 2)).toEqual([1n, 0n])
  expect(left.call(RSI_UPLOAD_POLICY, ipa, blob.length)[0]).toBe(0n)
})

test('a policy that is longer than the granules given for it is refused', () => {
  const { host, policy } = linked()
  const bare = host.createRealm({ image: 0 })
  expect(upload(bare, policy('left'))).toBe('policy-granules-missing')
})

test('control: with the right address and length it succeeds', () => {
  const { left, policy } = linked()
  expect(policyOf(policy('left')).peers).toHaveLength(2)
  expect(upload(left, policy('left'))).toBe('accepted')
})
