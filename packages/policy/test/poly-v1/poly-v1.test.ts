import { readdirSync, readFileSync } from 'node:fs'
import {
  decodePolyV1,
  describeFact,
  encodePolyV1,
  labelOfRim,
  type Policy,
  polyV1Measurement,
  RIGHT,
  rawPolyV1,
  shortName,
} from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { policy as anyPolicy, rim } from '../arbitraries.ts'
import { hostCall, policyOf, videoModeration, workflowOf } from '../builders.ts'

const folder = new URL('./prototype/', import.meta.url)
interface Vector {
  readonly wire: string
  readonly raw: string
  readonly 'slot1/256': string
  readonly 'slot1/512': string
}
const vectors: Readonly<Record<string, Vector>> = JSON.parse(readFileSync(new URL('vectors.json', folder), 'utf8'))
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const wire = (name: string): Uint8Array => bytesOf(vectors[name]!.wire)

function accepted(bytes: Uint8Array): Policy {
  const decoded = decodePolyV1(bytes)
  if (decoded.kind === 'refused') throw new Error(describeFact(decoded.fact))
  return decoded.policy
}
const ruleOf = (bytes: Uint8Array): string => {
  const decoded = decodePolyV1(bytes)
  return decoded.kind === 'refused' ? decoded.fact.rule : 'accepted'
}
const refusals = (policy: Policy): string[] => {
  const encoded = encodePolyV1(policy)
  return encoded.kind === 'refused' ? encoded.facts.map(describeFact) : []
}

describe.each(Object.keys(vectors))('the prototype’s policy %s', (name) => {
  test('is read, and written again gives the same bytes', () => {
    expect(encodePolyV1(accepted(wire(name)))).toEqual({ kind: 'blob', blob: wire(name), notes: [] })
  })

  test('is measured as the prototype measures it', () => {
    const vector = vectors[name]!
    expect(hexOf(sha256(rawPolyV1(wire(name))))).toBe(vector.raw)
    expect(hexOf(polyV1Measurement(wire(name), 'sha-256'))).toBe(vector['slot1/256'])
    expect(hexOf(polyV1Measurement(wire(name), 'sha-512'))).toBe(vector['slot1/512'])
  })
})

test('there is a vector for every published policy', () => {
  const published = readdirSync(folder).filter((file) => file !== 'vectors.json')
  expect(published.map((file) => file.replace('.prototype', '')).sort()).toEqual(Object.keys(vectors).sort())
})

test('a policy read from v1 keeps labels, record order, addresses of each mapping and unused peers', () => {
  const policy = accepted(wire('video-re'))
  expect(policy.self).toBe(1)
  expect(policy.peers.map(({ name, label }) => `${name} ${label}`)).toEqual(['VM1 1', 'VM2 2', 'VM3 3'])
  expect(policy.memories.map(({ name }) => name)).toEqual(['Mem1', 'Mem2'])
  expect(policy.memories[1]!.mappings).toEqual([
    { peer: 1, rights: RIGHT.write, ipaGranule: 0x180_0400_0000 / 4096 },
    { peer: 2, rights: RIGHT.read, ipaGranule: 0x180_0000_0000 / 4096 },
  ])
  expect(accepted(wire('llm-rg')).peers).toHaveLength(3)
  expect(accepted(wire('network-rnet')).memories[0]!.mappings[1]).toMatchObject({ peer: null, anyCount: 1 })
})

/** A blob of two peers, one memory and one control flow, with some bytes changed. */
const changed = (changes: Readonly<Record<number, number>>): Uint8Array => {
  const bytes = wire('network-ra')
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value
  return bytes
}
// Where the parts of that blob begin.
const [VM2, MEM1, MAPPING, FLOW] = [28, 40, 56, 96] as const

describe('reading refuses', () => {
  test.each<[string, string, Uint8Array]>([
    ['another magic', 'poly-magic', changed({ 0: 0x58 })],
    ['nothing', 'poly-magic', new Uint8Array()],
    ['another version', 'unknown-format', changed({ 4: 2 })],
    ['no Self', 'index-out-of-range', changed({ 6: 0xff, 7: 0xff })],
    ['more than eight peers', 'over-limit', changed({ 8: 9 })],
    ['more than eight memories', 'over-limit', changed({ 10: 9 })],
    ['no memory', 'poly-bad-value', changed({ 10: 0 })],
    ['a reserved field of the header', 'poly-bad-value', changed({ 14: 1 })],
    ['a truncated or repeated name', 'duplicate-name', changed({ [VM2 + 2]: 0x31 })],
    ['a name with something behind its end', 'poly-bad-value', changed({ [VM2 + 2]: 0, [VM2 + 3]: 0x31 })],
    ['a name that is no UTF-8', 'poly-bad-value', changed({ [VM2]: 0xff })],
    ['one label of two peers', 'same-label', changed({ [VM2 + 4]: 1 })],
    ['a flag that is neither 0 nor 1', 'poly-bad-value', changed({ [VM2 + 8]: 2 })],
    ['a reserved field of a peer', 'poly-bad-value', changed({ [VM2 + 10]: 1 })],
    ['a size of no whole granules', 'poly-bad-value', changed({ [MEM1 + 4]: 1 })],
    ['a size of nothing', 'bad-size', changed({ [MEM1 + 5]: 0 })],
    ['a memory of another type', 'poly-bad-value', changed({ [MEM1 + 12]: 3 })],
    ['more than eight mappings', 'over-limit', changed({ [MEM1 + 14]: 9 })],
    ['a mapping of nobody', 'index-out-of-range', changed({ [MAPPING]: 2 })],
    ['a peer twice in a memory', 'duplicate-mapping', changed({ [MAPPING]: 1 })],
    ['rights that there are not', 'poly-bad-value', changed({ [MAPPING + 2]: 4 })],
    ['an address that is not aligned', 'poly-bad-value', changed({ [MAPPING + 4]: 1 })],
    ['an address beyond every address space', 'outside-address-space', changed({ [MAPPING + 10]: 1 })],
    ['a count of a named peer', 'poly-bad-value', changed({ [MAPPING + 12]: 1 })],
    ['an `any` that admits nobody', 'poly-bad-value', changed({ [MAPPING]: 0xff, [MAPPING + 1]: 0xff })],
    ['a reserved field of a mapping', 'poly-bad-value', changed({ [MAPPING + 16]: 1 })],
    ['a control flow of another name', 'poly-bad-value', changed({ [FLOW + 2]: 0x32 })],
    ['a control flow of nobody', 'poly-bad-value', changed({ [FLOW + 4]: 0xff, [FLOW + 5]: 0xff })],
    ['a control flow of another type', 'poly-bad-value', changed({ [FLOW + 6]: 3 })],
    ['a control flow of another policy', 'poly-bad-value', changed({ [FLOW + 8]: 3 })],
    ['a control flow without values', 'poly-bad-value', changed({ [FLOW + 10]: 0 })],
    ['an exception that there is not', 'bad-ranges', changed({ [FLOW + 6]: 2, [FLOW + 12]: 64 })],
    ['bytes after the last record', 'poly-trailing-bytes', Uint8Array.of(...wire('network-ra'), 0)],
    ['a whole page', 'poly-trailing-bytes', new Uint8Array(4096).fill(0).map((_, i) => wire('network-ra')[i] ?? 0)],
  ])('%s', (_, rule, bytes) => {
    expect(ruleOf(bytes)).toBe(rule)
  })

  test('an end inside any record', () => {
    const bytes = wire('network-ra')
    for (let length = 4; length < bytes.length; length++)
      expect(ruleOf(bytes.subarray(0, length))).toBe('poly-cut-short')
  })
})

test('ids of a control flow keep their order, and mean what they mean in any order', () => {
  const bytes = Uint8Array.of(...wire('network-ra'), 0x20, 0, 0, 0)
  bytes.set([2, 0, 2, 0, 2, 0], FLOW + 6)
  bytes.set([0x24, 0, 0, 0], FLOW + 12)
  const policy = accepted(bytes)
  expect(policy.transitions[0]!.ranges).toEqual([
    [0x20, 0x20],
    [0x24, 0x24],
  ])
  expect(encodePolyV1(policy)).toMatchObject({ kind: 'blob', blob: bytes })
})

test('any changed byte is refused, or is another policy of exactly these bytes', () => {
  const names = Object.keys(vectors)
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, place, change) => {
      const bytes = wire(name)
      bytes[place % bytes.length]! ^= change
      const decoded = decodePolyV1(bytes)
      if (decoded.kind === 'policy') expect(encodePolyV1(decoded.policy)).toMatchObject({ kind: 'blob', blob: bytes })
      else expect(describeFact(decoded.fact)).not.toMatch(/(^|[ `])\?([ `;]|$)/)
    }),
    { numRuns: 2000 },
  )
})

test('no bytes make the reader throw', () => {
  const records = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => Uint8Array.of(...wire('agent-agent').slice(0, 6), ...bytes))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), records), (bytes) => {
      const decoded = decodePolyV1(bytes)
      if (decoded.kind === 'policy') expect(encodePolyV1(decoded.policy)).toMatchObject({ blob: bytes })
    }),
    { numRuns: 2000 },
  )
})

describe('writing', () => {
  const gate = policyOf(workflowOf(videoModeration), 'gate')

  test('a measured peer has the first four bytes of its measurement as label, a long name a short one with a note', () => {
    const encoded = encodePolyV1(gate)
    if (encoded.kind === 'refused') throw new Error(describeFact(encoded.facts[0]!))
    const again = accepted(encoded.blob)
    expect(again.peers.map(({ label }) => label)).toEqual(gate.peers.map(({ rims }) => labelOfRim(rims[0]!)))
    expect(labelOfRim(rim(1))).toBe(0x0302_0101)
    expect(again.peers.map(({ name }) => name)).toEqual(['gate', shortName('encoder'), shortName('moderator')])
    expect(again.memories.map(({ mappings }) => mappings)).toEqual(gate.memories.map(({ mappings }) => mappings))
    expect(encoded.notes.map(describeFact)).toEqual(
      ['encoder', 'moderator', 'coded', 'clean'].map(
        (name) => `\`${name}\` is called \`${shortName(name)}\` in \`POLY\` v1, whose names have at most 4 bytes`,
      ),
    )
  })

  test('a short name depends on the name alone', () => {
    expect(['raw', 'gate', 'encoder', 'a-b-c-d'].map(shortName)).toEqual(['raw', 'gate', 'enll', 'a_12'])
  })

  test('the version and the digest of assertions are noted as not carried', () => {
    const encoded = encodePolyV1({ ...gate, version: 3, assertionDigest: new Uint8Array(32) })
    expect(encoded.kind === 'blob' && encoded.notes.map(describeFact).slice(-2)).toEqual([
      '`POLY` v1 does not carry the version 3',
      '`POLY` v1 does not carry the digest of the assertions',
    ])
  })

  const peers = (changes: object): Policy => ({
    ...gate,
    peers: gate.peers.map((p, i) => (i === 1 ? { ...p, ...changes } : p)),
  })
  const memories = (changes: object, mapping: object = {}): Policy => ({
    ...gate,
    memories: gate.memories.map((m, i) =>
      i === 0 ? { ...m, mappings: m.mappings.map((entry) => ({ ...entry, ...mapping })), ...changes } : m,
    ),
  })
  const transition = (changes: object): Policy => ({
    ...gate,
    transitions: [{ peer: 1, action: 'block', ...hostCall, ...changes }],
  })
  const many = <Item>(item: Item): readonly Item[] => Array.from({ length: 9 }, () => item)

  test.each<[string, Policy, string]>([
    [
      'several measurements',
      peers({ rims: [rim(2), rim(9)] }),
      '`POLY` v1 cannot say several measurements of `encoder`',
    ],
    [
      'a label that is not the measurement’s',
      peers({ label: 7 }),
      '`POLY` v1 cannot say a label of `encoder` that its measurement does not begin with',
    ],
    ['no identity', peers({ rims: [] }), '`POLY` v1 cannot say `encoder`, which has neither measurement nor label'],
    [
      'a personalization value',
      peers({ rpv: new Uint8Array(64) }),
      '`POLY` v1 cannot say the personalization value of `encoder`',
    ],
    [
      'measurements that begin alike',
      peers({ rims: [Uint8Array.of(...rim(1).slice(0, 4), ...new Uint8Array(28))] }),
      'peers `gate` and `encoder` have the label 50462977, and nothing tells them apart',
    ],
    ['pacing', memories({ paced: true }), '`POLY` v1 cannot say that memory `raw` is paced'],
    ['execution', memories({}, { rights: RIGHT.execute }), '`POLY` v1 cannot say the right to execute memory `raw`'],
    ['ownership', memories({}, { rights: 9 }), '`POLY` v1 cannot say who owns memory `raw`'],
    [
      'a place that is left to the host',
      memories({}, { ipaGranule: null }),
      '`POLY` v1 cannot say a mapping of memory `raw` without an address',
    ],
    [
      'nine mappings',
      memories({ mappings: many(gate.memories[0]!.mappings[0]!) }),
      '9 mappings of memory `raw`, over the limit of 8',
    ],
    ['no memory', { ...gate, memories: [] }, '`POLY` v1 cannot say a policy without memories'],
    ['scrubbing', transition({ action: 'scrub' }), '`POLY` v1 cannot say `scrub` for a call of `encoder`'],
    ['interrupts', transition({ class: 'interrupt' }), '`POLY` v1 cannot say a transition of class interrupt'],
    [
      'a wide range',
      transition({ ranges: [[0, 0xffff_ffff]] }),
      '`POLY` v1 cannot say more than 8 ids of one transition of `encoder`',
    ],
    ['nine peers', { ...gate, peers: many(gate.peers[0]!) }, '9 peers, over the limit of 8'],
  ])('refuses %s', (_, policy, sentence) => {
    expect(refusals(policy)).toContain(sentence)
  })

  test('refuses names that would have one short name, in either kind of record', () => {
    const owners = new Map<string, string>()
    let pair: readonly [string, string] | undefined
    for (let i = 0; pair === undefined; i++) {
      const name = `peer_${i}`
      const first = owners.get(shortName(name))
      if (first !== undefined) pair = [first, name]
      owners.set(shortName(name), name)
    }
    const [first, second] = pair
    const sentence = `\`${first}\` and \`${second}\` would both be called \`${shortName(first)}\` in \`POLY\` v1`
    const named = <Item extends object>(items: readonly Item[]): Item[] =>
      items.map((item, i) => ({ ...item, ...(i < 2 ? { name: pair?.[i] } : {}) }))
    expect(refusals({ ...gate, peers: named(gate.peers) })).toEqual([sentence])
    expect(refusals({ ...gate, memories: named(gate.memories) })).toEqual([sentence])
  })

  test('everything that v1 cannot say is listed, not only the first', () => {
    expect(
      refusals({ ...memories({ paced: true }), transitions: transition({ action: 'scrub' }).transitions }),
    ).toHaveLength(2)
  })

  test('what is written is read as the same policy, of generated ones too', () => {
    let written = 0
    fc.assert(
      fc.property(anyPolicy.map(sayable), (policy) => {
        const encoded = encodePolyV1(policy)
        if (encoded.kind === 'refused') return
        written++
        const again = accepted(encoded.blob)
        expect(again.memories.map(({ mappings, kind, granules }) => ({ mappings, kind, granules }))).toEqual(
          policy.memories.map(({ mappings, kind, granules }) => ({ mappings, kind, granules })),
        )
        expect(again.transitions).toEqual(policy.transitions)
      }),
      { numRuns: 200 },
    )
    expect(written).toBeGreaterThan(100)
  })
})

/** A generated policy without most of what v1 cannot say. */
function sayable(policy: Policy): Policy {
  return {
    ...policy,
    peers: policy.peers.map((peer) => ({ ...peer, rims: peer.rims.slice(0, 1) })),
    memories: policy.memories.map((memory) => ({
      ...memory,
      mappings: memory.mappings.map((mapping) => ({
        ...mapping,
        rights: mapping.rights & 3 || 1,
        ipaGranule: mapping.ipaGranule ?? 512,
      })),
    })),
    transitions: policy.transitions
      .filter((transition) => transition.class === 'call' && transition.action !== 'scrub')
      .map((transition) => ({ ...transition, ranges: transition.ranges.slice(0, 1) })),
  }
}
