import { encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { verify } from '../../src/verify.ts'
import { evidenceOf, groupBytes, membersOf, options } from './pipeline.ts'

const good = groupBytes(membersOf())
const evidence = evidenceOf(good)
const judge = (bytes: Uint8Array): string => verify(bytes, { ...options, diagnostics: 'first' }).kind

/** Every other byte is changed: enough to touch each item of a report, and quick. Time for a busy machine. */
test('a report is rejected with any one byte changed, without a throw', { timeout: 30_000 }, () => {
  expect(judge(evidence)).toBe('accepted')
  const accepted: number[] = []
  for (let offset = 0; offset < evidence.length; offset += 2) {
    const mutant = evidence.with(offset, evidence[offset]! ^ (1 << (offset % 8)))
    if (judge(mutant) !== 'rejected') accepted.push(offset)
  }
  expect(accepted).toEqual([])
})

test('a group claim with one byte changed says something else, even if the monitor had signed it', () => {
  const whole = verify(evidence, options)
  const claims = (bytes: Uint8Array): unknown => {
    const verdict = verify(evidenceOf(bytes), options)
    return verdict.kind === 'accepted' ? verdict.claims.group : undefined
  }
  const original = whole.kind === 'accepted' ? whole.claims.group : undefined
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
      expect(claims(good.with(offset, good[offset]! ^ flip))).not.toEqual(original)
    }),
    { numRuns: 80 },
  )
})

test('no group claim makes verification throw, signed or not', () => {
  const leaf = fc.oneof(fc.nat(5), fc.constant(null), fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 4 }))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 4 })),
  }))
  const group = fc.tuple(value, value, value).map(
    ([bodies, members, channels]) =>
      new Map<number, unknown>([
        [1, 1],
        [2, bodies],
        [3, members],
        [4, channels],
      ]),
  )
  fc.assert(
    fc.property(group, fc.nat(3), (map, requester) => {
      const bytes = encodeCbor(map as Parameters<typeof encodeCbor>[0])
      expect(verify(evidenceOf(bytes, { [-75011]: requester }), options).kind).toBe('rejected')
    }),
    { numRuns: 80 },
  )
})

test('a doubtful claim that is costly to open is not opened, whatever the caller wants to see', () => {
  const huge = encodeCbor(new Uint8Array(20_000))
  const verdict = verify(evidenceOf(huge, { 10: new Uint8Array(64) }), options)
  expect(verdict.kind === 'rejected' && verdict.findings.map((one) => one.name)).toEqual(['freshness'])
})
