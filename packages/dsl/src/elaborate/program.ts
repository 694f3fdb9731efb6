import type { Assertion, Workflow, WorkflowMemory } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type {
  AssertedItem,
  AssertItem,
  Item,
  PeerItem,
  PolicyItem,
  TransitionItem,
  WorkflowItem,
} from '../syntax/ast.ts'
import type { Parsed } from '../syntax/parse.ts'
import { placeMemories } from './addresses.ts'
import { elaborateAssertion } from './assertions.ts'
import { MemoryElaboration } from './memories.ts'
import { type Sorted, sortItems } from './middle.ts'
import { namedIn } from './named-in.ts'
import { Expansion } from './patterns.ts'
import { elaboratePeers } from './peers.ts'
import type { Reporting } from './reporting.ts'
import { Scope } from './scope.ts'
import { elaborateTransitions } from './transitions.ts'
import { Values } from './values.ts'

/** An assertion as written and as meant. */
export interface StatedAssertion {
  readonly item: AssertItem
  readonly assertion: Assertion
}

/** A workflow or a policy whose names are resolved. Checks read it; what could not be understood is missing. */
export interface Program {
  /** `undefined` for a file that holds only what others import. */
  readonly body: WorkflowItem | PolicyItem | undefined
  /** Everything that it says and that stands before it, patterns written out, in file order. */
  readonly items: readonly Item[]
  readonly scope: Scope
  /** Of a policy: what it would be if it were a workflow of its own, without automatic addresses. */
  readonly workflow: Workflow
  /** The memories of an item, by its place: several for `each any(n)`, none if it could not be understood. */
  readonly memoriesOf: ReadonlyMap<unknown, readonly WorkflowMemory[]>
  readonly assertions: readonly StatedAssertion[]
  /** The digest that stands for the assertions of a policy. */
  readonly asserted: AssertedItem | undefined
}

/** What a file means, with what it imports. */
export interface Elaborated {
  readonly sorted: Sorted
  /** One for the workflow or each policy; one without body if there is neither. */
  readonly programs: readonly Program[]
}

/** Gives syntax trees their meaning: that of the last, to which the others bring what they share. */
export function elaborate(files: readonly Parsed[], reporting: Reporting): Elaborated {
  const sorted = sortItems(files, reporting)
  const bodies = sorted.bodies.length === 0 ? [undefined] : sorted.bodies
  const ownFile = files.at(-1)?.source.file ?? ''
  return { sorted, programs: bodies.map((body) => elaborateBody(body, sorted, ownFile, reporting)) }
}

function elaborateBody(body: Program['body'], sorted: Sorted, ownFile: string, reporting: Reporting): Program {
  const { report } = reporting
  const strays = sorted.strays.filter((item): item is Item => !('items' in item) && item.kind !== 'import')
  const expansion = new Expansion(sorted.patterns, sorted.names, reporting)
  const { items: own, missing } = expansion.expand([...strays, ...(body?.items ?? [])])
  for (const item of body?.items ?? []) {
    if (item.kind === 'let') report(messages.misplacedItem({ keyword: 'let', place: 'before the workflow' }, item.span))
    if (item.kind !== 'asserted' || body?.kind === 'policy') continue
    report(messages.misplacedItem({ keyword: 'assert', place: 'inside a policy' }, item.span))
  }
  const items = [...sorted.items.filter(takesPart(body, own, ownFile)), ...own]

  const scope = new Scope(items, reporting, missing)
  const values = new Values(scope)
  for (const item of items) if (item.kind === 'let') values.define(item)
  const elaboration = new MemoryElaboration(scope, values)
  const memories = items.flatMap((item): readonly WorkflowMemory[] => {
    if (item.kind === 'channel') return elaboration.channel(item)
    return item.kind === 'memory' ? elaboration.memory(item) : []
  })
  const peers = elaboratePeers(scope.peers.values(), ownFile, scope)
  const transitions = elaborateTransitions(
    items.filter((item): item is TransitionItem => item.kind === 'transition'),
    scope,
  )
  // Assertions name memories, so they are read when every memory is declared.
  const assertions = items.flatMap((item) => {
    const assertion = item.kind === 'assert' ? elaborateAssertion(item, scope) : undefined
    return assertion === undefined || item.kind !== 'assert' ? [] : [{ item, assertion }]
  })
  if (body?.kind === 'policy') scope.peer(body.peer)
  const workflow: Workflow = {
    name: body?.name.text ?? '',
    version: readVersion(items, values, reporting),
    peers,
    // A policy of one's own pins nothing that it does not say: others may have placed it elsewhere.
    memories: body?.kind === 'policy' ? memories : placeMemories(memories, scope),
    transitions,
    assertions: assertions.map((stated) => stated.assertion),
  }
  const asserted = readAsserted(items, reporting)
  return { body, items, scope, workflow, memoriesOf: byOrigin(workflow.memories), assertions, asserted }
}

/**
 * Whether what stands before a workflow is part of it. What other files bring is there to be named, and so is what
 * several policies share; a workflow's own peers are its own.
 */
function takesPart(body: Program['body'], own: readonly Item[], ownFile: string): (item: Item) => boolean {
  if (body === undefined) return () => true
  const named = namedIn(own)
  if (body.kind === 'policy') named.add(body.peer.text)
  const isOwn = (item: PeerItem): boolean => body.kind === 'workflow' && item.span.file === ownFile
  return (item) => item.kind !== 'peer' || isOwn(item) || named.has(item.name.text)
}

function byOrigin(memories: readonly WorkflowMemory[]): Map<unknown, WorkflowMemory[]> {
  const groups = new Map<unknown, WorkflowMemory[]>()
  for (const memory of memories) {
    const group = groups.get(memory.origin) ?? []
    group.push(memory)
    groups.set(memory.origin, group)
  }
  return groups
}

function readVersion(items: readonly Item[], values: Values, { report }: Reporting): number | undefined {
  const [first, ...others] = items.filter((item) => item.kind === 'version')
  for (const other of others) report(messages.severalVersions({ first: first?.span ?? other.span }, other.span))
  return first?.value && values.number(first.value, 'a version', 0, Number.MAX_SAFE_INTEGER)
}

/** A digest stands for all assertions, so nothing else is asserted beside it. */
function readAsserted(items: readonly Item[], { report }: Reporting): AssertedItem | undefined {
  const [first, ...others] = items.filter((item) => item.kind === 'asserted')
  if (first === undefined) return undefined
  const beside = [...others, ...items.filter((item) => item.kind === 'assert')]
  for (const other of beside) report(messages.assertedBeside({ digest: first.span }, other.span))
  if (first.digest.bytes.length !== 32) report(messages.assertedDigest(first.digest.span))
  return first
}
