import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verifyReceipt } from '../../src/index.ts'
import { options, receiptOf, reportOf, revocation } from './receipts.ts'

const expectations = { report: reportOf(), memory: 'raw' }
const judge = (bytes: Uint8Array): string =>
  verifyReceipt(bytes, { ...options, expectations, diagnostics: 'first' }).kind
const evidence = receiptOf()

/** Every third byte: enough to touch each item of a receipt, and quick. Time for a busy machine. */
test('a receipt is rejected with any one byte changed, cut off or put in', { timeout: 30_000 }, () => {
  expect(judge(evidence)).toBe('accepted')
  const accepted: number[] = []
  for (let offset = 0; offset < evidence.length; offset += 3) {
    const flipped = evidence.with(offset, evidence[offset]! ^ (1 << (offset % 8)))
    const shorter = Uint8Array.of(...evidence.subarray(0, offset), ...evidence.subarray(offset + 1))
    for (const mutant of [flipped, shorter, evidence.subarray(0, offset)]) {
      if (judge(mutant) !== 'rejected') accepted.push(offset)
    }
  }
  expect(accepted).toEqual([])
})

test('a receipt with one byte of what was revoked changed says something else, even if the monitor had signed it', () => {
  const told = (claim: Uint8Array): unknown => {
    const verdict = verifyReceipt(receiptOf({ [-75012]: decoded(claim) }), { ...options, expectations })
    return verdict.kind === 'accepted' && verdict.notes.length === 0 ? verdict.claims.receipt : undefined
  }
  const good = encodeCbor(revocation())
  const original = told(good)
  expect(original).toBeDefined()
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
      const mutant = good.with(offset, good[offset]! ^ flip)
      expect(told(mutant)).not.toEqual(original)
    }),
    { numRuns: 60 },
  )
})

test('no claim about a revocation makes verification throw', () => {
  const leaf = fc.oneof(fc.nat(5), fc.constant(null), fc.uint8Array({ maxLength: 64 }), fc.string({ maxLength: 4 }))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 6 })),
  }))
  fc.assert(
    fc.property(value, fc.nat(3), (claim, owner) => {
      const mutant = receiptOf({ [-75012]: claim as never, [-75011]: owner })
      expect(judge(mutant)).toBe('rejected')
    }),
    { numRuns: 80 },
  )
})

/** The value that bytes encode; what encodes nothing is put in as bytes, which are no revocation either. */
function decoded(bytes: Uint8Array): CborValue {
  const decoding = decodeCbor(bytes, { deterministic: false })
  return decoding.kind === 'malformed' ? bytes : decoding.value
}
