import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyToken } from '../../src/cca-token/verify.ts'
import { CPAK_P384, hex, IMPLEMENTATION_ID, INSTANCE_ID, readOwn, readOwnJson } from '../published-vectors.ts'

const trustAnchors = [{ name: 'host', implementationId: IMPLEMENTATION_ID, instanceId: INSTANCE_ID, key: CPAK_P384 }]
const { nonce_hex, vectors } = readOwnJson('expect.json')
const challenges = new Map<string, string>(
  vectors.map((v: Record<string, string>) => [v['file'], v['nonce_hex'] ?? nonce_hex]),
)

/** Every other byte of a token of real firmware, and every seventh of one in the other envelope. */
describe.each([
  { file: 'tf-rmm-token-sha256.cbor', stride: 2 },
  { file: 'pos-01-draft04-resigned-2026.cbor', stride: 7 },
])('$file', ({ file, stride }) => {
  const evidence = readOwn(file)
  const judge = (bytes: Uint8Array) =>
    verifyToken(bytes, { trustAnchors, challenge: hex(challenges.get(file)!), expectations: {} }).kind

  test('is accepted as it is', () => {
    expect(judge(evidence)).toBe('accepted')
  })

  test('is rejected with any one byte changed, without a throw', { timeout: 30_000 }, () => {
    const accepted: number[] = []
    for (let offset = 0; offset < evidence.length; offset += stride) {
      const mutant = evidence.slice()
      mutant[offset]! ^= 1 << (offset % 8)
      if (judge(mutant) !== 'rejected') accepted.push(offset)
    }
    expect(accepted).toEqual([])
  })

  test('is rejected when cut off anywhere, or with any byte taken out or put in', () => {
    const position = fc.nat(evidence.length - 1)
    fc.assert(
      fc.property(position, fc.nat(255), (at, byte) => {
        expect(judge(evidence.slice(0, at))).toBe('rejected')
        expect(judge(Uint8Array.of(...evidence.slice(0, at), ...evidence.slice(at + 1)))).toBe('rejected')
        expect(judge(Uint8Array.of(...evidence.slice(0, at), byte, ...evidence.slice(at)))).toBe('rejected')
      }),
      { numRuns: 40 },
    )
  })
})

test('no bytes at all make verification throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(verifyToken(bytes, { trustAnchors, challenge: new Uint8Array(64), expectations: {} }).kind).toBe(
        'rejected',
      )
      const tagged = Uint8Array.of(0xd9, 0x01, 0x8f, ...bytes)
      expect(verifyToken(tagged, { trustAnchors, challenge: new Uint8Array(64), expectations: {} }).kind).toBe(
        'rejected',
      )
    }),
    { numRuns: 500 },
  )
})
