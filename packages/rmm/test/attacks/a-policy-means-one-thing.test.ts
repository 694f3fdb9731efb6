import { encodeBlob, type Policy } from '@mica/policy'
import { expect, test } from 'vitest'
import { LINK, LINK_GRANULE, linked, policyOf, REFUSAL, rightsAt, upload, withoutEffect } from './arena.ts'

// Policies that two readers could read differently, or of which a hasty one reads a part, are refused before anything else.

type Change = (policy: Policy) => Policy

const firstMemory = (policy: Policy) => policy.memories[0]!
const TWISTS: readonly (readonly [what: string, twist: Change, rule: string])[] = [
  [
    'lists itself twice in one memory, at two addresses',
    (policy) => {
      const memory = firstMemory(policy)
      const second = { peer: policy.self, rights: 2, ipaGranule: LINK_GRANULE + 8 }
      return { ...policy, memories: [{ ...memory, mappings: [...memory.mappings, second] }] }
    },
    'duplicate-mapping',
  ],
  [
    'calls two memories by one name',
    (policy) => {
      const moved = firstMemory(policy).mappings.map((mapping) => ({ ...mapping, ipaGranule: LINK_GRANULE + 8 }))
      return { ...policy, memories: [...policy.memories, { ...firstMemory(policy), mappings: moved }] }
    },
    'duplicate-name',
  ],
  [
    'calls two peers by one name',
    (policy) => ({ ...policy, peers: policy.peers.map((peer) => ({ ...peer, name: 'twin' })) }),
    'duplicate-name',
  ],
  ['is that of a peer that it does not have', (policy) => ({ ...policy, self: 2 }), 'index-out-of-range'],
  ['is that of peer 65535', (policy) => ({ ...policy, self: 0xffff }), 'index-out-of-range'],
  [
    'maps a memory for a peer that it does not have',
    (policy) => ({
      ...policy,
      memories: [{ ...firstMemory(policy), mappings: [{ peer: 8, rights: 1, ipaGranule: null }] }],
    }),
    'index-out-of-range',
  ],
  [
    'has memory that wraps around the end of the address space',
    (policy) => ({
      ...policy,
      memories: [
        { ...firstMemory(policy), mappings: [{ peer: policy.self, rights: 2, ipaGranule: 0x1ff_ffff }], granules: 2 },
      ],
    }),
    'outside-address-space',
  ],
  [
    'has two memories at one address',
    (policy) => ({ ...policy, memories: [...policy.memories, { ...firstMemory(policy), name: 'over' }] }),
    'overlapping-memories',
  ],
  [
    'has memory of no size',
    (policy) => ({ ...policy, memories: [{ ...firstMemory(policy), granules: 0 }] }),
    'bad-size',
  ],
  [
    'has rights that there are not',
    (policy) => ({
      ...policy,
      memories: [{ ...firstMemory(policy), mappings: [{ peer: policy.self, rights: 16, ipaGranule: null }] }],
    }),
    'bad-rights',
  ],
  [
    'has two peers with one measurement',
    (policy) => ({ ...policy, peers: policy.peers.map((peer) => ({ ...peer, rims: policy.peers[0]!.rims })) }),
    'same-identity',
  ],
]

test.each(TWISTS)('a policy that %s is refused', (_, twist, rule) => {
  const { host, left, policy } = linked()
  const blob = encodeBlob(twist(policyOf(policy('left'))))
  left.perform((cpu) => cpu.store(0x10_2000, blob))
  expect(withoutEffect(host, () => upload(left, blob), REFUSAL)).toBe(rule)
  expect(rightsAt(left, LINK)).toBe('-')
})

test('a blob with bytes behind its end, or without its last one, is refused', () => {
  const { left, policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  expect(upload(left, Uint8Array.of(...blob, 0))).toBe('blob-not-cbor')
  expect(upload(left, blob.subarray(0, -1))).toBe('blob-not-cbor')
})

test('control: the policy without a twist is accepted', () => {
  const { left, policy } = linked()
  expect(upload(left, policy('left'))).toBe('accepted')
  expect(rightsAt(left, LINK)).toBe('w')
})
