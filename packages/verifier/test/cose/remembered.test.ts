import { encodeCbor } from '@mica/policy/cbor'
import { expect, test } from 'vitest'
import { keyFromJwk } from '../../src/cose/key.ts'
import { rememberSignatures } from '../../src/cose/remembered.ts'
import { decodeSign1, signedBytes } from '../../src/cose/sign1.ts'
import type { SignatureVerifier } from '../../src/cose/signature.ts'
import { nodeSignatures } from '../../src/node/ecdsa.ts'
import { privateKey, publicJwk, sign1 } from '../attester.ts'

const signer = privateKey('remembered')
const key = keyFromJwk(publicJwk(signer))!
const signed = (text: string) => {
  const decoded = decodeSign1(encodeCbor(sign1(signer, new TextEncoder().encode(text))))
  return decoded.kind === 'sign1' ? decoded.sign1 : expect.fail()
}

/** The real implementation, with a count of how often it was asked. */
function counted(): SignatureVerifier & { asked: number } {
  return {
    name: 'counted',
    asked: 0,
    isOnCurve: nodeSignatures.isOnCurve,
    verify(...check) {
      this.asked++
      return nodeSignatures.verify(...check)
    },
  }
}

test('a good signature is checked when it comes first, and when it comes again, and then no more', () => {
  const inner = counted()
  const remembering = rememberSignatures(inner)
  const message = signed('hello')
  for (let time = 0; time < 5; time++) {
    expect(remembering.verify('ES384', key, signedBytes(message), message.signature)).toBe(true)
  }
  expect(inner.asked).toBe(2)
})

test('nothing but the same key, message, signature and algorithm profits from it', () => {
  const remembering = rememberSignatures(nodeSignatures)
  const message = signed('hello')
  const bytes = signedBytes(message)
  const { signature } = message
  for (let time = 0; time < 2; time++) expect(remembering.verify('ES384', key, bytes, signature)).toBe(true)
  expect(remembering.verify('ES256', key, bytes, signature)).toBe(false)
  expect(remembering.verify('ES384', { ...key, curve: 'P-256' }, bytes, signature)).toBe(false)
  expect(remembering.verify('ES384', { ...key, x: key.y, y: key.x }, bytes, signature)).toBe(false)
  expect(remembering.verify('ES384', key, bytes.slice(1), signature)).toBe(false)
  expect(remembering.verify('ES384', key, bytes, signature.slice(1))).toBe(false)
  // The bytes of key, signature and message, divided elsewhere.
  const shifted = { ...key, y: Uint8Array.of(...key.y, signature[0]!) }
  expect(remembering.verify('ES384', shifted, bytes, signature.slice(1))).toBe(false)
})

test('a bad signature is never remembered as a good one', () => {
  const inner = counted()
  const remembering = rememberSignatures(inner)
  const message = signed('hello')
  const bad = message.signature.slice()
  bad[0]! ^= 1
  for (let time = 0; time < 2; time++) expect(remembering.verify('ES384', key, signedBytes(message), bad)).toBe(false)
  expect(inner.asked).toBe(2)
})

test('signatures that come once push nothing out', () => {
  const inner = counted()
  const remembering = rememberSignatures(inner, 1)
  const check = (message: ReturnType<typeof signed>): boolean =>
    remembering.verify('ES384', key, signedBytes(message), message.signature)
  const lasting = signed('platform')
  expect([check(lasting), check(lasting)]).toEqual([true, true])
  for (let realm = 0; realm < 3; realm++) expect(check(signed(`realm ${realm}`))).toBe(true)
  expect(inner.asked).toBe(5)
  expect(check(lasting)).toBe(true)
  expect(inner.asked).toBe(5)
})

test('only so many are remembered: the one that came first is forgotten', () => {
  const inner = counted()
  const remembering = rememberSignatures(inner, 2)
  const messages = ['a', 'b', 'c'].map(signed)
  const check = (index: number): boolean =>
    remembering.verify('ES384', key, signedBytes(messages[index]!), messages[index]!.signature)
  expect([0, 1, 2, 0, 1, 2].map(check)).not.toContain(false)
  expect(inner.asked).toBe(6)
  expect([check(1), check(2)]).not.toContain(false)
  expect(inner.asked).toBe(6)
  check(0)
  expect(inner.asked).toBe(7)
})
