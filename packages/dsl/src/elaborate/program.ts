import type { Assertion, Workflow, WorkflowMemory } from '@mica/policy'
import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { AssertItem, Item, SourceFile, TransitionItem, WorkflowItem } from '../syntax/ast.ts'
import type { Span } from '../syntax/span.ts'
import { placeMemories } from './addresses.ts'
import { elaborateAssertion } from './assertions.ts'
import { MemoryElaboration } from './memories.ts'
import { elaboratePeers } from './peers.ts'
import { Scope } from './scope.ts'
import { elaborateTransitions } from './transitions.ts'
import { Values } from './values.ts'

/** An assertion as written and as meant. */
export interface StatedAssertion {
  readonly item: AssertItem
  readonly assertion: Assertion
}

/** A file whose names are resolved. Checks read it; what could not be understood is missing from `workflow`. */
export interface Program {
  readonly item: WorkflowItem
  /** Everything the file says, inside the workflow and before it, in file order. */
  readonly items: readonly Item[]
  readonly scope: Scope
  readonly workflow: Workflow
  /** The memories of an item, by its place: several for `each any(n)`, none if it could not be understood. */
  readonly memoriesOf: ReadonlyMap<unknown, readonly WorkflowMemory[]>
  readonly assertions: readonly StatedAssertion[]
}

/** Gives a syntax tree its meaning. `undefined` only for a file without a workflow. */
export function elaborate(file: SourceFile, endOfFile: Span, report: Report): Program | undefined {
  const item = theWorkflow(file, endOfFile, report)
  const outside = file.items.filter((other) => other.kind !== 'workflow')
  const items = [...outside, ...(item?.items ?? [])].sort((a, b) => a.span.offset - b.span.offset)
  for (const other of items) if (other.kind === 'unsupported') report(messages.unsupportedItem(other, other.span))
  if (item === undefined) return undefined
  reportMisplaced(outside, item, report)

  const scope = new Scope(items, report)
  const values = new Values(scope)
  for (const other of items) if (other.kind === 'let') values.define(other)
  const elaboration = new MemoryElaboration(scope, values)
  const memories = items.flatMap((other): readonly WorkflowMemory[] => {
    if (other.kind === 'channel') return elaboration.channel(other)
    return other.kind === 'memory' ? elaboration.memory(other) : []
  })
  const peers = elaboratePeers(scope.peers.values())
  const transitions = elaborateTransitions(
    items.filter((other): other is TransitionItem => other.kind === 'transition'),
    scope,
  )
  // Assertions name memories, so they are read when every memory is declared.
  const assertions = items.flatMap((other) => {
    const assertion = other.kind === 'assert' ? elaborateAssertion(other, scope) : undefined
    return assertion === undefined || other.kind !== 'assert' ? [] : [{ item: other, assertion }]
  })
  const workflow: Workflow = {
    name: item.name.text,
    version: readVersion(items, values, report),
    peers,
    memories: placeMemories(memories, scope),
    transitions,
    assertions: assertions.map((stated) => stated.assertion),
  }
  return { item, items, scope, workflow, memoriesOf: byOrigin(workflow.memories), assertions }
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

function theWorkflow(file: SourceFile, endOfFile: Span, report: Report): WorkflowItem | undefined {
  const [first, ...others] = file.items.filter((item) => item.kind === 'workflow')
  if (first === undefined) {
    // A file of another kind has been told so by its first item.
    if (!file.items.some((item) => item.kind === 'unsupported')) report(messages.noWorkflow(endOfFile))
    return undefined
  }
  for (const other of others) report(messages.severalWorkflows({ first: first.name.span }, other.name.span))
  return first
}

/** What is shared by several files stands before the workflow, what is about the workflow inside it. */
function reportMisplaced(outside: SourceFile['items'], workflow: WorkflowItem, report: Report): void {
  for (const item of outside) {
    const mayStandOutside = item.kind === 'let' || item.kind === 'peer' || item.kind === 'unsupported'
    if (!mayStandOutside) report(messages.misplacedItem({ keyword: item.kind, place: 'inside' }, item.span))
    else if (item.span.offset > workflow.span.offset && item.kind !== 'unsupported') {
      report(messages.misplacedItem({ keyword: item.kind, place: 'before' }, item.span))
    }
  }
  for (const item of workflow.items) {
    if (item.kind === 'let') report(messages.misplacedItem({ keyword: 'let', place: 'before' }, item.span))
  }
}

function readVersion(items: readonly Item[], values: Values, report: Report): number | undefined {
  const [first, ...others] = items.filter((item) => item.kind === 'version')
  for (const other of others) report(messages.severalVersions({ first: first?.span ?? other.span }, other.span))
  return first?.value && values.number(first.value, 'a version', 0, 2 ** 32 - 1)
}
