import { decodeGroup, describeFact, type Group, groupTree } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { type DisclosureExpectations, disclose, GROUP_TREE_PROFILE, type VerificationOptions } from '../../src/index.ts'
import { COMPONENTS, CONFIG, IMPLEMENTATION, withClaims } from '../attester.ts'
import { a, challenge, groupBytes, options as groupOptions, membersOf } from '../group/pipeline.ts'

export const SEED = new Uint8Array(32).fill(0x5e)

/** The pipeline of the group tests, in canonical order: gate, encoder, moderator. */
export const good = groupBytes(membersOf())

export function decoded(bytes: Uint8Array): Group {
  const decoding = decodeGroup(bytes)
  if (decoding.kind === 'refused') throw new Error(describeFact(decoding.fact))
  return decoding.group
}

export const tree = groupTree(decoded(good), SEED)

/** Sides of evidence that a test replaces. */
export interface Replaced {
  /** The group, encoded; the pipeline if there is none. */
  readonly group?: Uint8Array
  readonly realm?: Readonly<Record<number, CborValue | undefined>>
  readonly platform?: Readonly<Record<number, CborValue | undefined>>
  /** Members of the collection, by label. */
  readonly beside?: Readonly<Record<number, CborValue | undefined>>
  readonly envelope?: 907 | 399
}

/** Evidence in which the root of a group's tree is signed, asked for by its first member, with the group beside it. */
export function treeEvidence({
  group = good,
  realm = {},
  platform = {},
  beside = {},
  envelope = 907,
}: Replaced = {}): Uint8Array {
  const { leaves, root, members } = group === good ? tree : groupTree(decoded(group), SEED)
  const claims = withClaims(
    new Map<number, CborValue>([
      [10, challenge],
      [265, GROUP_TREE_PROFILE],
      [44237, a.rakBytes],
      [44240, 'sha-256'],
      [-75013, [leaves.length, root]],
      [-75011, members[0]!],
    ]),
    realm,
  )
  const token = a.token(withClaims(a.platformClaims(), platform), claims, envelope)
  const opening = encodeCbor([SEED, group])
  return withMembers(token, { [-75014]: envelope === 907 ? [60, opening] : opening, ...beside })
}

/** Evidence with members of its collection put in, or taken out where the value is `undefined`. */
export function withMembers(
  evidence: Uint8Array,
  members: Readonly<Record<number, CborValue | undefined>>,
): Uint8Array {
  const { tag, value } = decodedCbor(evidence) as { tag: number; value: Map<number, CborValue> }
  return encodeCbor({ tag, value: withClaims(value, members) })
}

/** What stands under a label of a collection. */
export function memberOf(evidence: Uint8Array, label: number): Uint8Array {
  const { value } = decodedCbor(evidence) as { value: Map<number, [number, Uint8Array]> }
  return value.get(label)![1]
}

export function decodedCbor(bytes: Uint8Array): unknown {
  const decoding = decodeCbor(bytes, { deterministic: false })
  if (decoding.kind === 'malformed') throw new Error(decoding.reason)
  return decoding.value
}

/** A report of the pipeline: signing makes other bytes every time. */
export const whole = treeEvidence()

/** What shows these members of it, with all their edges. */
export function shown(...members: readonly string[]): Uint8Array {
  const disclosing = disclose(
    whole,
    members.map((member) => ({ member })),
  )
  if (disclosing.kind === 'refused') throw new Error(disclosing.reason)
  return disclosing.evidence
}

const enforcing = COMPONENTS.map((component) =>
  component.type === 'RMM' ? { ...component, enforces: [GROUP_TREE_PROFILE] } : component,
)
export const endorsements = {
  platforms: [{ implementationId: IMPLEMENTATION, config: { value: CONFIG }, components: enforcing }],
  realms: [],
}
/** How reports of this form are judged: as others, by an endorsement of their own. */
export const wholeOptions = { ...groupOptions, endorsements }

export const options: VerificationOptions<DisclosureExpectations> = {
  trustAnchors: [a.trustAnchor],
  endorsements,
  challenge,
  expectations: {},
  diagnostics: 'all',
}
