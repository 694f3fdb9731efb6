import { blobDigest, DEFAULT_LIMITS, decodeBlob, describeFact, encodeBlob, type Policy } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { policy, rim } from '../arbitraries.ts'
import { policyOf, videoModeration, workflowOf } from '../builders.ts'

const sample = policyOf(workflowOf(videoModeration), 'encoder')

const ruleOf = (changed: Partial<Policy>): string => {
  const decoded = decodeBlob(encodeBlob({ ...sample, ...changed }))
  return decoded.kind === 'refused' ? decoded.fact.rule : 'accepted'
}
const peer = (index: number, changes: object): Policy['peers'] =>
  sample.peers.map((entry, i) => (i === index ? { ...entry, ...changes } : entry))
const memory = (index: number, changes: object): Policy['memories'] =>
  sample.memories.map((entry, i) => (i === index ? { ...entry, ...changes } : entry))
const mapping = (changes: object): Policy['memories'] =>
  memory(0, { mappings: [{ ...sample.memories[0]!.mappings[0]!, ...changes }] })

/** The sample with one change to its CBOR, encoded deterministically. */
function changedValue(change: (map: Map<unknown, unknown>) => void): string {
  const decoded = decodeCbor(encodeBlob(sample), { deterministic: true })
  if (decoded.kind !== 'value') throw new Error('sample')
  change(decoded.value as unknown as Map<unknown, unknown>)
  const again = decodeBlob(encodeCbor(decoded.value as CborValue))
  return again.kind === 'refused' ? again.fact.rule : 'accepted'
}

test('a policy survives encoding and decoding, byte for byte', () => {
  fc.assert(
    fc.property(policy, (original) => {
      const blob = encodeBlob(original)
      const decoded = decodeBlob(blob)
      if (decoded.kind === 'refused') throw new Error(describeFact(decoded.fact))
      expect(decoded.policy).toEqual(original)
      expect(encodeBlob(decoded.policy)).toEqual(blob)
    }),
  )
})

test('a changed blob is refused or is the canonical blob of another policy', () => {
  const blob = encodeBlob(sample)
  fc.assert(
    fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = blob.slice()
      changed[at]! ^= change
      const decoded = decodeBlob(changed)
      if (decoded.kind === 'policy') expect(encodeBlob(decoded.policy)).toEqual(changed)
      else expect(describeFact(decoded.fact)).not.toContain('?')
    }),
    { numRuns: 600 },
  )
})

test('no bytes make the decoder throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        policy.map(encodeBlob).map((b) => b.slice(0, -1)),
      ),
      (bytes) => {
        expect(decodeBlob(bytes).kind).toBe('refused')
      },
    ),
  )
})

test('the blob of the smallest policy is written as its grammar says', () => {
  const smallest: Policy = {
    self: 0,
    peers: [{ name: 'a', gateway: false, strict: true, rims: [] }],
    memories: [],
    transitions: [],
  }
  expect(Buffer.from(encodeBlob(smallest)).toString('hex')).toBe(
    'a5' + '0102' + '0200' + '0381836161' + '02f6' + '0480' + '0580',
  )
})

describe('a blob is refused', () => {
  test.each([
    ['over the limit of bytes', 'blob-too-long', new Uint8Array(65_537)],
    ['with a trailing byte', 'blob-not-cbor', Uint8Array.of(...encodeBlob(sample), 0)],
    ['that is another value', 'blob-wrong-shape', encodeCbor(['no policy'])],
  ])('%s', (_, rule, bytes) => {
    expect(decodeBlob(bytes)).toMatchObject({ kind: 'refused', fact: { rule } })
  })

  test.each<[string, string, (map: Map<unknown, unknown>) => void]>([
    ['of another format', 'unknown-format', (map) => map.set(1, 3)],
    ['with an unknown key', 'blob-wrong-shape', (map) => map.set(8, 0)],
    ['without transitions', 'blob-wrong-shape', (map) => map.delete(5)],
    ['whose digest of assertions has another size', 'blob-wrong-shape', (map) => map.set(7, new Uint8Array(31))],
    ['with a range of one id as a pair', 'blob-not-canonical', (map) => map.set(5, [[0, 1, 2, [[5, 5]]]])],
    ['with an unknown flag', 'blob-wrong-shape', (map) => map.set(3, [['a', 4, null]])],
  ])('%s', (_, rule, change) => {
    expect(changedValue(change)).toBe(rule)
  })

  const transition = { peer: 0, class: 'call', action: 'allow', ranges: [[1, 1]] } as const
  test.each<[string, string, Partial<Policy>]>([
    ['with Self out of range', 'index-out-of-range', { self: 3 }],
    ['with a mapping of no peer', 'index-out-of-range', { memories: mapping({ peer: 9 }) }],
    ['with an empty name', 'bad-name', { peers: peer(0, { name: '' }) }],
    ['with a name over 32 bytes', 'bad-name', { peers: peer(0, { name: 'ä'.repeat(17) }) }],
    ['with a name twice', 'duplicate-name', { peers: peer(0, { name: 'encoder' }) }],
    ['with a measurement twice', 'bad-identity', { peers: peer(0, { rims: [rim(9), rim(9)] }) }],
    ['with measurements of two lengths', 'bad-identity', { peers: peer(0, { rims: [new Uint8Array(64)] }) }],
    ['with peers that nothing tells apart', 'same-identity', { peers: peer(0, { rims: [rim(2)] }) }],
    ['with a memory of no size', 'bad-size', { memories: memory(0, { granules: 0 }) }],
    ['with a mapping without rights', 'bad-rights', { memories: mapping({ rights: 0 }) }],
    ['with unknown rights', 'bad-rights', { memories: mapping({ rights: 16 }) }],
    [
      'with executable unprotected memory',
      'executable-unprotected',
      { memories: memory(3, { mappings: [{ peer: 0, rights: 5, ipaGranule: null }] }) },
    ],
    ['with memory past its half', 'outside-address-space', { memories: mapping({ ipaGranule: 0x1ff_fffd }) }],
    [
      'with a peer twice in a memory',
      'duplicate-mapping',
      { memories: memory(0, { mappings: [...sample.memories[0]!.mappings, sample.memories[0]!.mappings[0]!] }) },
    ],
    ['with a count on a named mapping', 'bad-any-count', { memories: mapping({ anyCount: 1 }) }],
    [
      'with a paced channel that goes both ways',
      'bad-pacing',
      { memories: memory(0, { paced: true, mappings: [{ peer: 0, rights: 3, ipaGranule: null }] }) },
    ],
    [
      'with overlapping memories',
      'overlapping-memories',
      { memories: [...sample.memories, { ...sample.memories[0]!, name: 'x' }] },
    ],
    [
      'with unmerged ranges',
      'bad-ranges',
      {
        transitions: [
          {
            ...transition,
            ranges: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
      },
    ],
    [
      'with an exception class that does not exist',
      'bad-ranges',
      { transitions: [{ ...transition, class: 'exception', ranges: [[64, 64]] }] },
    ],
    [
      'with two transitions for one id',
      'overlapping-transitions',
      { transitions: [transition, { ...transition, action: 'scrub', ranges: [[0, 4]] }] },
    ],
    [
      'that blocks what is forced',
      'below-forced',
      { transitions: [{ ...transition, class: 'exception', action: 'block', ranges: [[0, 2]] }] },
    ],
  ])('%s', (_, rule, changes) => {
    expect(ruleOf(changes)).toBe(rule)
  })

  test('over any limit of the configuration', () => {
    for (const what of ['peers', 'memories'] as const) {
      const decoded = decodeBlob(encodeBlob(sample), { ...DEFAULT_LIMITS, [what]: 2 })
      expect(decoded).toMatchObject({ fact: { rule: 'over-limit', facts: { what, limit: 2 } } })
    }
  })
})

test('peers with one measurement are told apart by personalization values, and `any` twice in different memories is no overlap', () => {
  const rpv = (n: number): Uint8Array => new Uint8Array(64).fill(n)
  const peers = sample.peers.map((entry, i) => ({ ...entry, rims: [rim(1)], rpv: rpv(i) }))
  expect(ruleOf({ peers })).toBe('accepted')
})

test('the digest is the hash of the bytes, by the algorithm of the Realm', () => {
  expect(blobDigest(new Uint8Array(), 'sha-256').length).toBe(32)
  const hex = Buffer.from(blobDigest(Uint8Array.from([97, 98, 99]), 'sha-512')).toString('hex')
  expect(hex.slice(0, 16)).toBe('ddaf35a193617aba')
})
