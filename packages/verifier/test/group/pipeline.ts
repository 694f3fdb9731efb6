import {
  type Assertion,
  type Channel,
  encodeBlob,
  encodeGroup,
  type GroupMember,
  type Policy,
  project,
  RIGHT,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
} from '@mica/policy'
import type { CborValue } from '@mica/policy/cbor'
import { GROUP_PROFILE } from '../../src/cca-token/profile.ts'
import type { GroupExpectations } from '../../src/group/expectations.ts'
import type { VerificationOptions } from '../../src/options.ts'
import { attester, COMPONENTS, CONFIG, IMPLEMENTATION, withClaims } from '../attester.ts'

/** The pipeline of the paper: gate -> encoder -> moderator -> gate, where only the gate meets the host. */
const NAMES = ['gate', 'encoder', 'moderator'] as const
export const RIMS: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  NAMES.map((name, index) => [name, new Uint8Array(32).fill(0x10 + index)]),
)

const peer = (name: string): WorkflowPeer => ({
  name,
  gateway: name === 'gate',
  strict: true,
  rims: [RIMS[name]!],
  trusted: name === 'gate',
})

const channel = (name: string, from: number, to: number): WorkflowMemory => ({
  name,
  kind: 'protected',
  granules: 64,
  mappings: [
    { peer: from, rights: RIGHT.write, ipaGranule: null },
    { peer: to, rights: RIGHT.read, ipaGranule: null },
  ],
  paced: false,
})

export const ASSERTIONS: readonly Assertion[] = [
  { property: { kind: 'reaches-only-via', from: 'raw', to: 'host', via: ['moderator'] }, confined: [] },
  { property: { kind: 'acyclic', except: ['gate'] }, confined: [] },
  { property: { kind: 'leakers-are', names: ['gate'] }, confined: [] },
]

export const WORKFLOW: Workflow = {
  name: 'video_moderation',
  peers: NAMES.map(peer),
  memories: [
    channel('raw', 0, 1),
    channel('coded', 1, 2),
    channel('clean', 2, 0),
    {
      name: 'nic',
      kind: 'unprotected',
      granules: 16,
      mappings: [{ peer: 0, rights: RIGHT.read | RIGHT.write, ipaGranule: null }],
      paced: false,
    },
  ],
  transitions: [],
  assertions: ASSERTIONS,
}

/** The policy of one peer of a workflow. */
export function policyOf(workflow: Workflow, name: string): Policy {
  const projected = project(workflow, name)
  if (projected.kind === 'refused') throw new Error(projected.fact.rule)
  return projected.policy
}

export interface TestMember {
  readonly rim: Uint8Array
  readonly policy: Policy
  readonly more?: Partial<GroupMember>
}

/** The members of the pipeline, each with its policy, by `workflow`. */
export const membersOf = (workflow: Workflow = WORKFLOW, names: readonly string[] = NAMES): TestMember[] =>
  names.map((name, index) => ({ rim: RIMS[NAMES[index]!]!, policy: policyOf(workflow, name) }))

/** Every protected memory that members have by their own policies, one channel for each name. */
export function channelsOf(members: readonly TestMember[]): Channel[] {
  const byName = new Map<string, { member: number; memory: number }[]>()
  for (const [member, { policy }] of members.entries()) {
    for (const [memory, { name, kind, mappings }] of policy.memories.entries()) {
      if (kind !== 'protected' || !mappings.some((mapping) => mapping.peer === policy.self)) continue
      byName.set(name, [...(byName.get(name) ?? []), { member, memory }])
    }
  }
  return [...byName.values()].map((holders) => ({ holders }))
}

export function groupBytes(
  members: readonly TestMember[],
  channels: readonly Channel[] = channelsOf(members),
): Uint8Array {
  return encodeGroup({
    members: members.map(({ rim, policy, more }) => ({
      rim,
      hashAlgorithm: 'sha-256',
      blob: encodeBlob(policy),
      ...more,
    })),
    channels,
  })
}

export const a = attester()
export const challenge = new Uint8Array(64).fill(3)

/** Group evidence over `group`, with claims of either half replaced. */
export function evidenceOf(
  group: Uint8Array,
  realm: Readonly<Record<number, CborValue | undefined>> = {},
  platform: Readonly<Record<number, CborValue | undefined>> = {},
): Uint8Array {
  const claims = withClaims(
    new Map<number, CborValue>([
      [10, challenge],
      [265, GROUP_PROFILE],
      [44237, a.rakBytes],
      [44240, 'sha-256'],
      [-75010, group],
      // The gate has the smallest measurement, so it is the first of the sorted members.
      [-75011, 0],
    ]),
    realm,
  )
  return a.token(withClaims(a.platformClaims(), platform), claims)
}

const enforcing = COMPONENTS.map((component) =>
  component.type === 'RMM' ? { ...component, enforces: [GROUP_PROFILE] } : component,
)

export const expectations: GroupExpectations = {
  peers: new Map(NAMES.map((name) => [name, [RIMS[name]!]])),
  assertions: ASSERTIONS,
  present: 'all',
  active: ['raw', 'coded', 'clean'],
}

export const options: VerificationOptions<GroupExpectations> = {
  trustAnchors: [a.trustAnchor],
  endorsements: {
    platforms: [{ implementationId: IMPLEMENTATION, config: { value: CONFIG }, components: enforcing }],
    realms: [],
  },
  challenge,
  expectations,
  diagnostics: 'all',
}
