import { decodeBlob, encodeBlob } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { extendRem } from '../../src/abi/index.ts'
import { linked, policyOf, upload } from './arena.ts'

// Two encodings of one policy would measure differently, and a verifier could be told either. There is only one.

test('a blob with any one bit changed is refused, or says something else than before', () => {
  const { policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  const said = JSON.stringify(decodeBlob(blob))
  for (let bit = 0; bit < blob.length * 8; bit++) {
    const changed = Uint8Array.from(blob)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(JSON.stringify(decodeBlob(changed)), `bit ${bit}`).not.toBe(said)
  }
})

test('in a group a blob with one bit changed is refused, unless that bit is in the name of a peer', () => {
  const { policy } = linked()
  const length = encodeBlob(policyOf(policy('right'))).length
  for (let offset = 0; offset < length; offset += 3) {
    const { left, right, policy } = linked()
    expect(upload(left, policy('left'))).toBe('accepted')
    const blob = encodeBlob(policyOf(policy('right')))
    const meant = meaning(blob)
    blob[offset]! ^= 1
    if (upload(right, blob) === 'accepted') expect(meaning(blob), `byte ${offset}`).toBe(meant)
  }
})

/** What a blob says, without the labels that its peers have in it. */
function meaning(blob: Uint8Array): string {
  const decoding = decodeBlob(blob)
  if (decoding.kind === 'refused') return decoding.fact.rule
  const { policy } = decoding
  return JSON.stringify({ ...policy, peers: policy.peers.map((peer) => ({ ...peer, name: '' })) })
}

test('a longer way to write the same number, or the same keys in another order, is refused', () => {
  const { left, policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  // Map, key 1, value 2: the value 2 as a number of two bytes.
  expect([...blob.subarray(1, 3)]).toEqual([1, 2])
  expect(upload(left, Uint8Array.of(blob[0]!, 1, 0x18, 2, ...blob.subarray(3)))).toBe('blob-not-cbor')
  // Key 2, value 0 stands behind: the two entries the other way round.
  expect([...blob.subarray(3, 5)]).toEqual([2, 0])
  expect(upload(left, Uint8Array.of(blob[0]!, 2, 0, 1, 2, ...blob.subarray(5)))).toBe('blob-not-cbor')
})

test('what is measured is the digest of the blob, and nothing of the machine or of the order of joining', () => {
  const { left, right, policy } = linked()
  for (const [realm, self] of [
    [right, 'right'],
    [left, 'left'],
  ] as const) {
    const blob = encodeBlob(policyOf(policy(self)))
    expect(upload(realm, blob)).toBe('accepted')
    expect(realm.realm.rems[0]).toEqual(extendRem(new Uint8Array(32), sha256(blob), sha256))
  }
})

test('control: one bit changed in a name still is a policy, with another measurement', () => {
  const { left, policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  const renamed = Uint8Array.from(blob)
  const at = Buffer.from(blob).indexOf('right')
  renamed[at]! ^= 1
  expect(upload(left, renamed)).toBe('accepted')
  expect(left.realm.rems[0]).not.toEqual(extendRem(new Uint8Array(32), sha256(blob), sha256))
})
