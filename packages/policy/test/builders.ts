import {
  assignAddresses,
  type Member,
  type Policy,
  project,
  RIGHT,
  type Transition,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
  zeroRpv,
} from '@mica/policy'
import { rim } from './arbitraries.ts'

const letters = { r: RIGHT.read, w: RIGHT.write, x: RIGHT.execute, o: RIGHT.owner } as const
const rightsOf = (text: string): number =>
  [...text].reduce((rights, letter) => rights | letters[letter as keyof typeof letters], 0)

/** What a test says of a memory: `{ gate: 'w', encoder: 'r' }`; the holder `any` is any. */
export interface MemorySketch {
  readonly [holder: string]: string
}

export interface WorkflowSketch {
  /** Name and words: `gateway`, `open`, `unknown` (no measurement). The measurement is that of the position. */
  readonly peers: Readonly<Record<string, string>>
  readonly memories: Readonly<Record<string, MemorySketch>>
  readonly unprotected?: Readonly<Record<string, MemorySketch>>
  readonly paced?: readonly string[]
  readonly anyCount?: number
  readonly transitions?: readonly (Omit<Transition, 'peer'> & { readonly peer: string })[]
}

/** A workflow from a few words. */
export function workflowOf(sketch: WorkflowSketch): Workflow {
  const names = Object.keys(sketch.peers)
  const peers = names.map((name, index): WorkflowPeer => {
    const words = sketch.peers[name]!.split(' ')
    return {
      name,
      gateway: words.includes('gateway'),
      strict: !words.includes('open'),
      rims: words.includes('unknown') ? [] : [rim(index + 1)],
      trusted: false,
    }
  })
  const memoryOf = (kind: 'protected' | 'unprotected', [name, holders]: [string, MemorySketch]): WorkflowMemory => ({
    name,
    kind,
    granules: 4,
    paced: sketch.paced?.includes(name) ?? false,
    mappings: Object.entries(holders).map(([holder, rights]) => ({
      peer: holder === 'any' ? null : names.indexOf(holder),
      rights: rightsOf(rights),
      ipaGranule: null,
      ...(holder === 'any' && sketch.anyCount !== undefined ? { anyCount: sketch.anyCount } : {}),
    })),
  })
  const assigned = assignAddresses([
    ...Object.entries(sketch.memories).map((entry) => memoryOf('protected', entry)),
    ...Object.entries(sketch.unprotected ?? {}).map((entry) => memoryOf('unprotected', entry)),
  ])
  if (assigned.kind === 'refused') throw new Error('no addresses')
  const transitions = (sketch.transitions ?? []).map((transition) => ({
    ...transition,
    peer: names.indexOf(transition.peer),
  }))
  return { name: 'sketch', peers, memories: assigned.memories, transitions, assertions: [] }
}

export function policyOf(workflow: Workflow, peer: string): Policy {
  const projection = project(workflow, peer)
  if (projection.kind === 'refused') throw new Error(projection.fact.rule)
  return projection.policy
}

/** The member that a peer of a workflow becomes. */
export function memberOf(workflow: Workflow, peer: string): Member {
  const policy = policyOf(workflow, peer)
  return { rim: policy.peers[policy.self]!.rims[0] ?? rim(200), rpv: zeroRpv(), policy }
}

/** The paper's video moderation. */
export const videoModeration: WorkflowSketch = {
  peers: { gate: 'gateway', encoder: '', moderator: '' },
  memories: {
    raw: { gate: 'w', encoder: 'r' },
    coded: { encoder: 'w', moderator: 'r' },
    clean: { moderator: 'w', gate: 'r' },
  },
  unprotected: { nic: { gate: 'rw' } },
}

export const hostCall = { class: 'call', ranges: [[0xc400_0199, 0xc400_0199]] } as const
