import { type Assertion, encodeBlob, encodeGroup, project, RIGHT, type Workflow } from '@mica/policy'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { GROUP_PROFILE, type GroupExpectations, type VerificationOptions } from '../../src/index.ts'
import { attester, COMPONENTS, CONFIG, IMPLEMENTATION } from '../../test/attester.ts'

/** A report on a pipeline, and what a client expects of it. */
export interface RingReport {
  readonly evidence: Uint8Array
  readonly options: VerificationOptions<GroupExpectations>
  /** Evidence that answers another challenge, as the machine gives it: the token of its platform stays what it is. */
  answer(challenge: Uint8Array): Uint8Array
}

const rimOf = (peer: number): Uint8Array => new Uint8Array(32).fill(peer + 1)

/** A pipeline of `members` peers that ends where it begins: each writes to the next, and only the first meets the host. */
export function ringOf(members: number): RingReport {
  const workflow = workflowOf(members)
  const rims = workflow.peers.map((_, peer) => rimOf(peer))
  const policies = workflow.peers.map(({ name }) => {
    const projected = project(workflow, name)
    if (projected.kind === 'refused') throw new Error(`the benchmark is wrong: ${projected.fact.rule}`)
    return projected.policy
  })
  const group = encodeGroup({
    members: policies.map((policy, peer) => ({ rim: rims[peer]!, hashAlgorithm: 'sha-256', blob: encodeBlob(policy) })),
    channels: workflow.memories
      .filter(({ kind }) => kind === 'protected')
      .map(({ name, mappings }) => ({
        holders: mappings.map(({ peer }) => ({
          member: peer!,
          memory: policies[peer!]!.memories.findIndex((memory) => memory.name === name),
        })),
      })),
  })
  const a = attester()
  const challenge = new Uint8Array(64).fill(7)
  const platform = encodeCbor(a.sign('platform', encodeCbor(a.platformClaims())))
  const answer = (asked: Uint8Array): Uint8Array => {
    const claims = new Map<number, CborValue>([
      [10, asked],
      [265, GROUP_PROFILE],
      [44237, a.rakBytes],
      [44240, 'sha-256'],
      [-75010, group],
      [-75011, 0],
    ])
    return collectionOf(platform, encodeCbor(a.sign('realm', encodeCbor(claims))))
  }
  const components = COMPONENTS.map((component) => ({ ...component, enforces: [GROUP_PROFILE] }))
  return {
    evidence: answer(challenge),
    answer,
    options: {
      trustAnchors: [a.trustAnchor],
      endorsements: {
        platforms: [{ implementationId: IMPLEMENTATION, config: { value: CONFIG }, components }],
        realms: [],
      },
      challenge,
      expectations: {
        peers: new Map(workflow.peers.map(({ name }, peer) => [name, [rims[peer]!]])),
        assertions: workflow.assertions,
        present: 'all',
      },
    },
  }
}

/** Both halves of a token in a CMW collection. */
export function collectionOf(platform: Uint8Array, realm: Uint8Array): Uint8Array {
  const halves = new Map<number, CborValue>([
    [44234, [263, platform]],
    [44241, [263, realm]],
  ])
  return encodeCbor({ tag: 907, value: halves })
}

function workflowOf(members: number): Workflow {
  const peers = Array.from({ length: members }, (_, index) => ({
    name: `stage${index}`,
    gateway: index === 0,
    strict: true,
    rims: [rimOf(index)],
    trusted: index === 0,
  }))
  const between = Array.from({ length: members > 1 ? members : 0 }, (_, index) => ({
    name: `channel${index}`,
    kind: 'protected' as const,
    granules: 64,
    mappings: [
      { peer: index, rights: RIGHT.write, ipaGranule: null },
      { peer: (index + 1) % members, rights: RIGHT.read, ipaGranule: null },
    ],
    paced: false,
  }))
  const door = {
    name: 'nic',
    kind: 'unprotected' as const,
    granules: 16,
    mappings: [{ peer: 0, rights: RIGHT.read | RIGHT.write, ipaGranule: null }],
    paced: false,
  }
  const assertions: readonly Assertion[] = [{ property: { kind: 'leakers-are', names: ['stage0'] }, confined: [] }]
  return { name: 'ring', peers, memories: [...between, door], transitions: [], assertions }
}
