import { compareBytes } from '../cbor/value.ts'
import { flowGraph } from '../flow/graph.ts'
import { printAssertion } from '../flow/print-assertion.ts'
import type { Mapping, Policy, Rights, Workflow, WorkflowMemory, WorkflowPeer } from '../model.ts'
import { hasIdentity } from '../project.ts'
import { ACTION_WIDTH, transitionChanges } from '../transitions.ts'
import { bypassChanges } from './bypasses.ts'
import type { Change, ChangeFacts, IdentityChange, Width, WorkflowDiff } from './change.ts'
import { flowChanges, leakerChanges, visibilityChanges } from './flows.ts'

/**
 * What tells two workflows apart, by meaning: what may newly flow and around whom, what the host newly sees, and every right that is
 * wider or narrower. Peers and memories are those of the same name; order, spelling and reasons are nothing.
 */
export function diffWorkflows(before: Workflow, after: Workflow): WorkflowDiff {
  const [old, now] = [flowGraph(before), flowGraph(after)]
  const changes = [
    ...flowChanges(old, now),
    ...bypassChanges(old, now),
    ...leakerChanges(old, now),
    ...visibilityChanges(old, now),
    ...peerChanges(before, after),
    ...memoryChanges(before, after),
    ...assertionChanges(before, after),
    ...versionChanges(before, after),
  ]
  return { changes, widened: changes.some(({ width }) => width === 'wider') }
}

type Side = Pick<Change, 'side' | 'origin'>
const inNew = ({ origin }: { readonly origin?: unknown }): Side => ({ side: 'after', origin })
const inOld = ({ origin }: { readonly origin?: unknown }): Side => ({ side: 'before', origin })
const change = (facts: ChangeFacts, width: Width, place: Side): Change => ({ ...facts, width, ...place })
const upOrDown = (wider: boolean): Width => (wider ? 'wider' : 'narrower')

function byName<Item extends { readonly name: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.name, item]))
}

function peerChanges(before: Workflow, after: Workflow): readonly Change[] {
  const [old, now] = [byName(before.peers), byName(after.peers)]
  const gone = before.peers.filter(({ name }) => !now.has(name))
  return [
    ...after.peers.flatMap((peer) => {
      const was = old.get(peer.name)
      if (was === undefined) return [change({ kind: 'peer', peer: peer.name, change: 'added' }, 'other', inNew(peer))]
      return [...changesOfPeer(was, peer), ...changesOfTransitions(before, was, after, peer)]
    }),
    ...gone.map((peer) => change({ kind: 'peer', peer: peer.name, change: 'removed' }, 'other', inOld(peer))),
  ]
}

function changesOfPeer(was: WorkflowPeer, is: WorkflowPeer): readonly Change[] {
  const peer = is.name
  const place = inNew(is)
  const changes: Change[] = []
  if (was.strict !== is.strict) {
    const facts = { kind: 'strictness', peer, after: is.strict ? 'strict' : 'open' } as const
    changes.push(change(facts, upOrDown(!is.strict), place))
  }
  if (was.gateway !== is.gateway) {
    changes.push(change({ kind: 'gateway', peer, after: is.gateway }, upOrDown(is.gateway), place))
  }
  const identity = identityChange(was, is)
  if (identity !== undefined) {
    const widths: Readonly<Record<IdentityChange, Width>> = {
      lost: 'wider',
      more: 'wider',
      gained: 'narrower',
      fewer: 'narrower',
      replaced: 'other',
    }
    changes.push(change({ kind: 'identity', peer, change: identity }, widths[identity], place))
  }
  if (was.trusted !== is.trusted) changes.push(change({ kind: 'trust', peer, after: is.trusted }, 'other', place))
  return changes
}

function identityChange(was: WorkflowPeer, is: WorkflowPeer): IdentityChange | undefined {
  if (hasIdentity(was) !== hasIdentity(is)) return hasIdentity(is) ? 'gained' : 'lost'
  if (was.image !== is.image || was.label !== is.label) return 'replaced'
  const within = (some: readonly Uint8Array[], all: readonly Uint8Array[]): boolean =>
    some.every((rim) => all.some((other) => compareBytes(rim, other) === 0))
  // The measurement of an image is that of its source: whoever reads the policy compares sources.
  const kept = is.image !== undefined || within(was.rims, is.rims)
  const added = is.image === undefined && !within(is.rims, was.rims)
  if (!kept) return added ? 'replaced' : 'fewer'
  if (added) return 'more'
  if (was.rpv === undefined && is.rpv === undefined) return undefined
  if (was.rpv === undefined) return 'fewer'
  if (is.rpv === undefined) return 'more'
  return compareBytes(was.rpv, is.rpv) === 0 ? undefined : 'replaced'
}

function changesOfTransitions(
  before: Workflow,
  was: WorkflowPeer,
  after: Workflow,
  is: WorkflowPeer,
): readonly Change[] {
  const index = after.peers.indexOf(is)
  const found = transitionChanges(
    { policy: asPolicy(before), peer: before.peers.indexOf(was) },
    { policy: asPolicy(after), peer: index },
  )
  return found.map((differing) => {
    const stated = after.transitions.find(({ peer, class: of }) => peer === index && of === differing.class)
    const wider = ACTION_WIDTH[differing.after] > ACTION_WIDTH[differing.before]
    return change({ kind: 'transition', peer: is.name, ...differing }, upOrDown(wider), inNew(stated ?? is))
  })
}

const policies = new WeakMap<Workflow, Policy>()

/** A workflow as the policy that lists its transitions; nobody is Self in it. */
function asPolicy(workflow: Workflow): Policy {
  const known = policies.get(workflow)
  if (known !== undefined) return known
  const { peers, memories, transitions } = workflow
  const policy = { self: 0, peers, memories, transitions }
  policies.set(workflow, policy)
  return policy
}

function memoryChanges(before: Workflow, after: Workflow): readonly Change[] {
  const [old, now] = [byName(before.memories), byName(after.memories)]
  const gone = before.memories.filter(({ name }) => !now.has(name))
  return [
    ...after.memories.flatMap((memory) => {
      const was = old.get(memory.name)
      if (was !== undefined) return changesOfMemory(before, was, after, memory)
      return [change({ kind: 'memory', memory: memory.name, change: 'added' }, 'other', inNew(memory))]
    }),
    ...gone.map((memory) => change({ kind: 'memory', memory: memory.name, change: 'removed' }, 'other', inOld(memory))),
  ]
}

function changesOfMemory(
  before: Workflow,
  was: WorkflowMemory,
  after: Workflow,
  is: WorkflowMemory,
): readonly Change[] {
  const memory = is.name
  const place = inNew(is)
  const changes: Change[] = []
  if (was.kind !== is.kind) {
    changes.push(change({ kind: 'memory-kind', memory, after: is.kind }, upOrDown(is.kind === 'unprotected'), place))
  }
  if (was.granules !== is.granules) {
    // What the host sees of unprotected memory is counted in bytes elsewhere; between peers a size widens nothing.
    const facts = { kind: 'memory-size', memory, before: was.granules, after: is.granules } as const
    changes.push(change(facts, 'other', place))
  }
  if (was.paced !== is.paced) {
    changes.push(change({ kind: 'pacing', memory, after: is.paced }, upOrDown(is.paced), place))
  }
  const [old, now] = [holders(before, was), holders(after, is)]
  for (const holder of new Set([...now.keys(), ...old.keys()])) {
    changes.push(...changesOfHolder(memory, holder, old.get(holder), now.get(holder), place))
  }
  return changes
}

const ANY = 'any'

function holders({ peers }: Workflow, { mappings }: WorkflowMemory): ReadonlyMap<string, Mapping> {
  return new Map(mappings.map((mapping) => [mapping.peer === null ? ANY : peers[mapping.peer]!.name, mapping]))
}

function changesOfHolder(
  memory: string,
  holder: string,
  was: Mapping | undefined,
  is: Mapping | undefined,
  place: Side,
): readonly Change[] {
  const [before, after]: [Rights, Rights] = [was?.rights ?? 0, is?.rights ?? 0]
  const rights = (from: Rights, to: Rights, width: Width): Change =>
    change({ kind: 'rights', memory, holder, before: from, after: to }, width, place)
  const changes: Change[] = []
  // A right gained and another lost are two changes: the one does not make up for the other.
  const both = before | after
  if (both !== before) changes.push(rights(before, both, 'wider'))
  if (both !== after) changes.push(rights(both, after, 'narrower'))
  if (was === undefined || is === undefined) return changes
  if (was.anyCount !== is.anyCount) {
    const wider = (is.anyCount ?? Number.POSITIVE_INFINITY) > (was.anyCount ?? Number.POSITIVE_INFINITY)
    const facts = { kind: 'any-count', memory, before: was.anyCount, after: is.anyCount } as const
    changes.push(change(facts, upOrDown(wider), place))
  }
  if (was.ipaGranule !== is.ipaGranule) changes.push(change({ kind: 'address', memory, holder }, 'other', place))
  return changes
}

function assertionChanges(before: Workflow, after: Workflow): readonly Change[] {
  const texts = ({ assertions }: Workflow): ReadonlyMap<string, { readonly origin?: unknown }> =>
    new Map(assertions.map((assertion) => [printAssertion(assertion).replace(/^assert /, ''), assertion]))
  const [old, now] = [texts(before), texts(after)]
  const dropped = [...old].filter(([text]) => !now.has(text))
  const added = [...now].filter(([text]) => !old.has(text))
  return [
    ...dropped.map(([assertion, stated]) =>
      change({ kind: 'assertion', assertion, change: 'dropped' }, 'wider', inOld(stated)),
    ),
    ...added.map(([assertion, stated]) =>
      change({ kind: 'assertion', assertion, change: 'added' }, 'narrower', inNew(stated)),
    ),
  ]
}

function versionChanges(before: Workflow, after: Workflow): readonly Change[] {
  if (before.version === after.version) return []
  return [change({ kind: 'version', before: before.version, after: after.version }, 'other', inNew({}))]
}
