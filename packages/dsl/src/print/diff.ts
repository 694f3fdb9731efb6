import { type Change, type Hop, RIGHT, type Rights, type Width, type WorkflowDiff } from '@mica/policy'
import { printIds } from './ids.ts'
import { printRights } from './rights.ts'
import { printSize } from './size.ts'

/** One line about one change, or about several flows to one place. */
export interface DiffLine {
  readonly width: Width
  /** Lower-case, no period, names in backticks. */
  readonly text: string
  /** A shortest path that shows a new flow. */
  readonly path?: readonly Hop[] | undefined
  readonly side: Change['side']
  readonly origin: unknown
}

/** Names of a list that are written out. */
const MOST_NAMES = 6

/** A difference in words, wider changes first, flows to one place in one line. */
export function describeDiff({ changes }: WorkflowDiff): readonly DiffLine[] {
  const lines: DiffLine[] = [...describeFlows(changes)]
  for (const change of changes) {
    const { width, side, origin } = change
    if (!isFlow(change)) lines.push({ width, text: describeChange(change), side, origin })
  }
  const order: readonly Width[] = ['wider', 'narrower', 'other']
  return order.flatMap((width) => lines.filter((line) => line.width === width))
}

type Flow = Extract<Change, { kind: 'flow' | 'bypass' }>
const isFlow = (change: Change): change is Flow => change.kind === 'flow' || change.kind === 'bypass'

/** Flows with one end in one line; those around peers with one beginning and one end, too. */
function describeFlows(changes: readonly Change[]): readonly DiffLine[] {
  // What goes around several peers at once is one flow, so its peers are gathered before its beginnings.
  const arounds = new Map<string, { readonly flow: Flow; readonly around: string[] }>()
  for (const flow of changes.filter(isFlow)) {
    const key = [flow.width, flow.kind, flow.from, flow.to].join('\n')
    const known = arounds.get(key) ?? { flow, around: [] }
    if (flow.kind === 'bypass') known.around.push(flow.around)
    arounds.set(key, known)
  }
  const groups = new Map<string, { readonly flows: Flow[]; readonly around: readonly string[] }>()
  for (const { flow, around } of arounds.values()) {
    const key = [flow.width, flow.kind, flow.to, ...around].join('\n')
    const group = groups.get(key) ?? { flows: [], around }
    group.flows.push(flow)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ flows, around }) => {
    const { width, to, side, origin } = flows[0]!
    const text = flowText(listed(flows.map(({ from }) => from)), to, around, width)
    return { width, text, path: shortest(flows), side, origin }
  })
}

function flowText(from: string, to: string, around: readonly string[], width: Width): string {
  if (around.length === 0) return `${from} can ${width === 'wider' ? 'now' : 'no longer'} reach \`${to}\``
  const peers = listed(around)
  return width === 'wider'
    ? `${from} can now reach \`${to}\` around ${peers}`
    : `${from} can reach \`${to}\` only via ${peers} now`
}

function shortest(flows: readonly Flow[]): readonly Hop[] | undefined {
  const paths = flows.flatMap(({ path }) => (path === undefined ? [] : [path]))
  return paths.sort((a, b) => a.length - b.length)[0]
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `\`${name}\``)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** One change in words. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'flow':
      return flowText(`\`${change.from}\``, change.to, [], change.width)
    case 'bypass':
      return flowText(`\`${change.from}\``, change.to, [change.around], change.width)
    case 'host-visible':
      return describeVisible(change)
    case 'leaker':
      return `\`${change.peer}\` can ${change.width === 'wider' ? 'leak now' : 'no longer leak'}`
    case 'peer':
      return `peer \`${change.peer}\` is ${change.change === 'added' ? 'new' : 'gone'}`
    case 'strictness':
      return change.after === 'open'
        ? `\`${change.peer}\` is open: it may hold channels that are not listed`
        : `\`${change.peer}\` is no longer open`
    case 'gateway':
      return `\`${change.peer}\` is ${change.after ? 'a gateway now' : 'no longer a gateway'}`
    case 'trust':
      return `\`${change.peer}\` is ${change.after ? 'trusted now' : 'no longer trusted'}, in reports`
    case 'identity':
      return describeIdentity(change)
    case 'memory':
      return `memory \`${change.memory}\` is ${change.change === 'added' ? 'new' : 'gone'}`
    case 'memory-kind':
      return `memory \`${change.memory}\` is ${change.after} now`
    case 'memory-size':
      return `memory \`${change.memory}\` has ${printSize(change.after)}, had ${printSize(change.before)}`
    case 'pacing':
      return `\`${change.memory}\` is ${change.after ? 'paced now: its reader can tell its writer something' : 'no longer paced'}`
    case 'rights':
      return describeRights(change)
    case 'any-count':
      return `\`${change.memory}\` admits ${strangers(change.after)}, admitted ${strangers(change.before)}`
    case 'address':
      return `memory \`${change.memory}\` lies elsewhere in \`${change.holder}\``
    case 'transition':
      return `\`${change.peer}\`: ${change.class} ${printIds(change.class, change.ranges)} is ${change.after}, was ${change.before}`
    case 'assertion':
      return `\`${change.assertion}\` is ${change.change === 'added' ? 'asserted now' : 'no longer asserted'}`
    case 'version':
      return `the version is ${change.after ?? 'none'}, was ${change.before ?? 'none'}`
  }
}

function describeVisible({
  component,
  seen,
  through,
  before,
  after,
}: Extract<Change, { kind: 'host-visible' }>): string {
  if (seen === 'unbounded') {
    return after === undefined
      ? `nothing bounds any more what the host sees of \`${component}\` (${through})`
      : `what the host sees of \`${component}\` is bounded now`
  }
  const bytes = (count: number | undefined): string => (count === 0 ? 'nothing' : `up to ${count} bytes`)
  const where = seen === 'memory' ? `in \`${through}\`` : `with each allowed ${through}`
  return `the host sees ${bytes(after)} of \`${component}\` ${where}, saw ${bytes(before)}`
}

function describeIdentity({ peer, change }: Extract<Change, { kind: 'identity' }>): string {
  switch (change) {
    case 'lost':
      return `\`${peer}\` has lost its identity: anyone may take its place`
    case 'gained':
      return `\`${peer}\` has an identity now`
    case 'more':
      return `more components are accepted as \`${peer}\``
    case 'fewer':
      return `fewer components are accepted as \`${peer}\``
    case 'replaced':
      return `\`${peer}\` is another component`
  }
}

function describeRights({ memory, holder, before, after }: Extract<Change, { kind: 'rights' }>): string {
  const [gained, lost]: [Rights, Rights] = [after & ~before, before & ~after]
  if (before === 0) return `\`${holder}\` has a place in \`${memory}\` now (${printRights(gained)})`
  if (after === 0) return `\`${holder}\` has no place in \`${memory}\` any more (${printRights(lost)})`
  const verbs = { own: RIGHT.owner, read: RIGHT.read, write: RIGHT.write, execute: RIGHT.execute }
  const words = Object.entries(verbs)
    .filter(([, bit]) => ((gained | lost) & bit) !== 0)
    .map(([verb]) => verb)
  return `\`${holder}\` may ${gained === 0 ? 'no longer' : 'now'} ${words.join(' and ')} \`${memory}\``
}

function strangers(count: number | undefined): string {
  return count === undefined ? 'any number of strangers' : `${count} stranger${count === 1 ? '' : 's'}`
}
