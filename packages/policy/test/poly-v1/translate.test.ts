import { readFileSync } from 'node:fs'
import { decodeBlob, encodeBlob, encodePolyV1, type Mapping, type Policy, RIGHT, translatePolyV1 } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const vectors: Readonly<Record<string, { readonly wire: string }>> = JSON.parse(
  readFileSync(new URL('./prototype/vectors.json', import.meta.url), 'utf8'),
)
const published = Object.entries(vectors).map(
  ([name, { wire }]) => [name, Uint8Array.from(Buffer.from(wire, 'hex'))] as const,
)

const mapping = (peer: number | null, rights: number, more: Partial<Mapping> = {}): Mapping => ({
  peer,
  rights,
  ipaGranule: 0x200,
  ...more,
})
/** Everything that v1 can say, in addresses that a half of an address space has. */
const policy: Policy = {
  self: 1,
  peers: [
    { name: 'VM1', gateway: true, strict: true, rims: [], label: 1 },
    { name: 'VM2', gateway: false, strict: false, rims: [], label: 2 },
  ],
  memories: [
    {
      name: 'Mem1',
      kind: 'protected',
      granules: 2,
      mappings: [mapping(0, RIGHT.write), mapping(1, RIGHT.read), mapping(null, RIGHT.read, { anyCount: 3 })],
      paced: false,
    },
    { name: 'Mem2', kind: 'unprotected', granules: 1, mappings: [mapping(0, 3)], paced: false },
    {
      name: 'Mem3',
      kind: 'protected',
      granules: 1,
      mappings: [mapping(1, 3, { ipaGranule: 0x400 }), mapping(null, 1)],
      paced: false,
    },
  ],
  transitions: [
    {
      peer: 1,
      class: 'exception',
      action: 'allow',
      ranges: [
        [0x20, 0x20],
        [0x24, 0x24],
      ],
      written: [
        [0x24, 0x24],
        [0x20, 0x20],
      ],
    },
  ],
}

function wireOf(from: Policy): Uint8Array {
  const encoded = encodePolyV1(from)
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  return encoded.blob
}

function translated(bytes: Uint8Array): Policy {
  const result = translatePolyV1(bytes)
  if (result.kind === 'refused') throw new Error(result.fact.rule)
  return result.policy
}

test('what v1 says is said in format 2, without labels and without an order that means nothing', () => {
  const again = translated(wireOf(policy))
  expect(again.peers).toEqual(policy.peers.map(({ label: _, ...peer }) => peer))
  expect(again.memories).toEqual(policy.memories)
  expect(again.transitions).toEqual([
    { peer: 1, class: 'exception', action: 'allow', ranges: policy.transitions[0]!.ranges },
  ])
})

test('policies that differ in labels and in the order of ids alone are one policy, and any other difference stays', () => {
  const relabelled = { ...policy, peers: policy.peers.map((peer, i) => ({ ...peer, label: 77 + i })) }
  const reordered = { ...policy, transitions: policy.transitions.map(({ written: _, ...rule }) => rule) }
  const blob = encodeBlob(translated(wireOf(policy)))
  for (const other of [relabelled, reordered]) {
    expect(wireOf(other)).not.toEqual(wireOf(policy))
    expect(encodeBlob(translated(wireOf(other)))).toEqual(blob)
  }
  expect(encodeBlob(translated(wireOf({ ...policy, self: 0 })))).not.toEqual(blob)
})

test('a count of -1 is no limit', () => {
  expect(translated(wireOf(policy)).memories[2]!.mappings[1]).toEqual({ peer: null, rights: 1, ipaGranule: 0x200 })
})

test.each(published)(
  '%s, as published, has addresses that lie in no half: it is refused, not relocated',
  (_, bytes) => {
    expect(translatePolyV1(bytes)).toMatchObject({ kind: 'refused', fact: { rule: 'outside-address-space' } })
  },
)

test('whatever the bytes are, they are refused, or stand for the policy of one canonical blob', () => {
  const wire = wireOf(policy)
  const changes = fc.array(fc.tuple(fc.nat(wire.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 3 })
  fc.assert(
    fc.property(changes, fc.nat(wire.length), fc.boolean(), (places, length, whole) => {
      const bytes = Uint8Array.from(wire)
      for (const [at, value] of places) bytes[at] = value
      const result = translatePolyV1(whole ? bytes : bytes.subarray(0, length))
      if (result.kind === 'policy') {
        expect(decodeBlob(encodeBlob(result.policy))).toEqual({ kind: 'policy', policy: result.policy })
      }
    }),
    { numRuns: 2000 },
  )
})
