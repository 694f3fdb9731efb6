import {
  type Assertion,
  assignAddresses,
  type IdRange,
  type Mapping,
  normalizeRanges,
  type Policy,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
} from '@mica/policy'
import type { CborKey, CborValue } from '@mica/policy/cbor'
import fc from 'fast-check'

/** A measurement of 32 bytes that stands for a small number. */
export const rim = (n: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? n : i))

const integer = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(1n << 64n), max: -(1n << 53n) - 1n }),
  fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n }),
)
const text = fc.string({ unit: 'binary', maxLength: 12 })

/** Values of the model of CBOR that this package has. */
export const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(integer, text, fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 40 })),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof<fc.Arbitrary<CborKey>[]>(integer, text), tie('value')), { maxLength: 5 })
      .map((entries) => new Map(entries)),
    fc.record({ tag: fc.nat(), value: tie('value') }),
  ),
})).value

const names = ['gate', 'encoder', 'moderator', 'store', 'filter']

/** Peers with distinct measurements; `open` says how often one is open. */
const peers = (count: number, identified: boolean): fc.Arbitrary<WorkflowPeer[]> =>
  fc.tuple(
    ...names.slice(0, count).map((name, index) =>
      fc.record({
        name: fc.constant(name),
        gateway: fc.boolean(),
        strict: fc.boolean(),
        rims: identified
          ? fc.constantFrom([rim(index)], [rim(index), rim(100 + index)])
          : fc.constantFrom([rim(index)], [rim(index)], []),
        trusted: fc.boolean(),
      }),
    ),
  )

const memory = (name: string, count: number, gateways: readonly number[]): fc.Arbitrary<WorkflowMemory> =>
  fc
    .record({
      kind: fc.constantFrom('protected' as const, 'protected' as const, 'unprotected' as const),
      granules: fc.integer({ min: 1, max: 600 }),
      holders: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: 3 }),
      rights: fc.array(fc.constantFrom(1, 2, 3, 5, 9), { minLength: 4, maxLength: 4 }),
      any: fc.option(fc.option(fc.integer({ min: 1, max: 3 })), { freq: 4 }),
    })
    .map(({ kind, granules, holders, rights, any }) => {
      const unprotected = kind === 'unprotected' && gateways.length > 0
      const held = unprotected ? gateways.slice(0, 1) : holders
      const mappings: Mapping[] = held.map((peer, i) => ({
        peer,
        rights: unprotected ? rights[i]! & 3 : rights[i]!,
        ipaGranule: null,
      }))
      if (any !== null && !unprotected) {
        mappings.push({ peer: null, rights: rights[3]! & 3, ipaGranule: null, ...(any ? { anyCount: any } : {}) })
      }
      return { name, kind: unprotected ? 'unprotected' : 'protected', granules, mappings, paced: false }
    })

const ranges: fc.Arbitrary<readonly IdRange[]> = fc
  .array(fc.tuple(fc.integer({ min: 0x10, max: 0x17 }), fc.nat(4)), { minLength: 1, maxLength: 3 })
  .map((pairs) => normalizeRanges(pairs.map(([first, width]): IdRange => [first, first + width])))

/** Workflows of two to five peers whose memories have addresses. */
export const workflow = (options: { identified: boolean }): fc.Arbitrary<Workflow> =>
  fc.integer({ min: 2, max: names.length }).chain((count) =>
    peers(count, options.identified).chain((all) => {
      const gateways = all.flatMap(({ gateway }, index) => (gateway ? [index] : []))
      return fc
        .record({
          memories: fc
            .integer({ min: 1, max: 5 })
            .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => memory(`m${i}`, count, gateways)))),
          transitions: fc.uniqueArray(
            fc.record({
              peer: fc.integer({ min: 0, max: count - 1 }),
              class: fc.constantFrom('call' as const, 'interrupt' as const),
              action: fc.constantFrom('allow' as const, 'scrub' as const, 'block' as const),
              ranges,
            }),
            { maxLength: 4, selector: (transition) => `${transition.peer} ${transition.class}` },
          ),
          version: fc.option(fc.nat(9), { nil: undefined }),
        })
        .map(({ memories, transitions, version }) => {
          const assigned = assignAddresses(memories)
          if (assigned.kind === 'refused') throw new Error('addresses')
          const assertions: Assertion[] = [{ property: { kind: 'closed' }, confined: [] }]
          return { name: 'w', version, peers: all, memories: assigned.memories, transitions, assertions }
        })
    }),
  )

/** Well-formed policies: a workflow as one of its peers would hold it, unprojected. */
export const policy: fc.Arbitrary<Policy> = workflow({ identified: true }).chain(
  ({ peers, memories, transitions, version }) =>
    fc.record({
      self: fc.integer({ min: 0, max: peers.length - 1 }),
      peers: fc.constant(peers.map(({ name, gateway, strict, rims }) => ({ name, gateway, strict, rims }))),
      memories: fc.constant(memories),
      transitions: fc.constant(transitions),
      ...(version === undefined ? {} : { version: fc.constant(version) }),
      assertionDigest: fc.constant(new Uint8Array(32).fill(7)),
    }),
)
