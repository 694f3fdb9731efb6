import {
  complementRanges,
  FORCED,
  ID_SPACE,
  type IdRange,
  idsOfName,
  namesOfClass,
  normalizeRanges,
  SERVICES,
  sameRanges,
  type TransitionAction,
  type TransitionClass,
  type WorkflowTransition,
} from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { TransitionId, TransitionItem, TransitionRule } from '../syntax/ast.ts'
import { nearest } from '../syntax/literals.ts'
import type { Span } from '../syntax/span.ts'
import type { Scope } from './scope.ts'

const CLASSES = ['call', 'exception', 'interrupt'] as const
const ACTIONS = ['allow', 'scrub', 'block'] as const

/** A rule whose words are known; `rest` where it says `*`. */
interface ReadRule {
  readonly peer: number
  readonly class: TransitionClass
  readonly action: TransitionAction
  readonly ranges: readonly IdRange[]
  /** The same ids in the order of the text. */
  readonly written: readonly IdRange[]
  readonly rest: boolean
  readonly origin: Span
}

/**
 * Makes rules about what may cross to the host into transitions, in file order.
 *
 * `*` is what no rule of the same peer and class names. It does not reach services, which the monitor answers itself,
 * and a blocking `*` does not reach what is always scrubbed: both keep their defaults unless they are named.
 */
export function elaborateTransitions(items: readonly TransitionItem[], scope: Scope): WorkflowTransition[] {
  const rules = items.flatMap((item) => {
    const peer = scope.peer(item.peer)
    return item.rules.flatMap((rule) => readRule(rule, peer ?? -1, scope))
  })
  const known = rules.filter((rule) => rule.peer !== -1)
  const groups = new Map<string, ReadRule[]>()
  for (const rule of known) {
    const group = groups.get(groupOf(rule)) ?? []
    group.push(rule)
    groups.set(groupOf(rule), group)
  }
  for (const group of groups.values()) reportRepeated(group, scope)
  return known.flatMap((rule) => expand(rule, groups.get(groupOf(rule)) ?? []))
}

const groupOf = (rule: ReadRule): string => `${rule.peer} ${rule.class}`

function readRule(rule: TransitionRule, peer: number, scope: Scope): ReadRule[] {
  const transitionClass = CLASSES.find((name) => name === rule.class.text)
  const action = ACTIONS.find((name) => name === rule.action.text)
  if (transitionClass === undefined) {
    const near = nearest(rule.class.text, CLASSES)
    scope.report(messages.unknownTransitionClass({ name: rule.class.text, near }, rule.class.span))
  }
  if (action === undefined) {
    const near = nearest(rule.action.text, ACTIONS)
    scope.report(messages.unknownAction({ name: rule.action.text, near }, rule.action.span))
  }
  if (transitionClass === undefined || action === undefined) return []
  const only = rule.ids.length === 1 ? rule.action.span : undefined
  const ranges = rule.ids.flatMap((id) => readIds(id, transitionClass, action, only, scope))
  const rest = rule.ids.some((id) => id.kind === 'rest')
  if (ranges.length === 0 && !rest) return []
  return [
    { peer, class: transitionClass, action, ranges: normalizeRanges(ranges), written: ranges, rest, origin: rule.span },
  ]
}

function readIds(
  id: TransitionId,
  transitionClass: TransitionClass,
  action: TransitionAction,
  /** Where the action stands, if it is about nothing else. */
  actionSpan: Span | undefined,
  scope: Scope,
): readonly IdRange[] {
  const forced = idsOf(FORCED, transitionClass)
  const blockForced = (text: string): readonly IdRange[] => {
    scope.report(messages.belowForced({ id: text, class: transitionClass, action: actionSpan }, id.span))
    return []
  }
  if (id.kind === 'rest') return []
  if (id.kind === 'name') {
    const ranges = idsOfName(transitionClass, id.name.text)
    if (ranges === undefined) {
      const known = namesOfClass(transitionClass)
      const near = nearest(id.name.text, known)
      scope.report(messages.unknownTransitionId({ name: id.name.text, class: transitionClass, near, known }, id.span))
      return []
    }
    if (action !== 'block') return ranges
    // A name of several calls blocks those that can be; a name of none that can be says nothing.
    const blockable = without(ranges, forced, transitionClass)
    return blockable.length === 0 ? blockForced(id.name.text) : blockable
  }
  const [minimum, maximum] = ID_SPACE[transitionClass]
  const { first, last } = id
  if (first > last) {
    scope.report(messages.emptyRange(id.span))
    return []
  }
  if (first < minimum || last > maximum) {
    scope.report(
      messages.numberOutOfRange({ what: `the id of ${article(transitionClass)}`, minimum, maximum }, id.span),
    )
    return []
  }
  const meetsForced = forced.find((range) => range[0] <= last && first <= range[1])
  if (action === 'block' && meetsForced !== undefined) return blockForced(`0x${meetsForced[0].toString(16)}`)
  return [[first, last]]
}

/** Two rules of one peer that are about one id. */
function reportRepeated(group: readonly ReadRule[], scope: Scope): void {
  const ranges = group.flatMap((rule) => rule.ranges.map((range) => ({ range, rule })))
  ranges.sort((a, b) => a.range[0] - b.range[0])
  const position = new Map(group.map((rule, index) => [rule, index]))
  const reported = new Set<ReadRule>()
  const report = (rule: ReadRule, other: ReadRule): void => {
    const [first, second] = (position.get(rule) ?? 0) < (position.get(other) ?? 0) ? [rule, other] : [other, rule]
    if (reported.has(second)) return
    reported.add(second)
    const peer = [...scope.peers.keys()][second.peer] ?? ''
    scope.report(messages.transitionRepeated({ peer, class: second.class, first: first.origin }, second.origin))
  }
  let widest = ranges[0]
  for (const next of ranges.slice(1)) {
    if (widest !== undefined && next.range[0] <= widest.range[1] && next.rule !== widest.rule)
      report(next.rule, widest.rule)
    if (widest === undefined || next.range[1] > widest.range[1]) widest = next
  }
  const [rest, ...others] = group.filter((rule) => rule.rest)
  for (const other of others) if (rest !== undefined) report(other, rest)
}

/** The transitions of one rule: services apart, since `scrub` of what nobody else sees means `block`. */
function expand(rule: ReadRule, group: readonly ReadRule[]): WorkflowTransition[] {
  const { peer, class: transitionClass, action, origin } = rule
  const services = idsOf(SERVICES, transitionClass)
  let ranges = rule.ranges
  if (rule.rest) {
    const kept = action === 'block' ? [...services, ...idsOf(FORCED, transitionClass)] : services
    const named = group.flatMap((other) => other.ranges)
    ranges = normalizeRanges([...ranges, ...complementRanges([...named, ...kept], ID_SPACE[transitionClass])])
  }
  const order = ranges === rule.ranges && !sameRanges(ranges, rule.written) ? { written: rule.written } : {}
  const transition = (part: readonly IdRange[], partAction: TransitionAction): WorkflowTransition[] =>
    part.length === 0
      ? []
      : [{ peer, class: transitionClass, action: partAction, ranges: part, origin, ...(part === ranges ? order : {}) }]
  if (action !== 'scrub') return transition(ranges, action)
  const forwarded = without(ranges, services, transitionClass)
  return [...transition(forwarded, 'scrub'), ...transition(without(ranges, forwarded, transitionClass), 'block')]
}

function idsOf(
  table: readonly { class: TransitionClass; ranges: readonly IdRange[] }[],
  of: TransitionClass,
): IdRange[] {
  return table.filter((named) => named.class === of).flatMap((named) => named.ranges)
}

/** The ids of `ranges` that are not in `removed`. */
function without(ranges: readonly IdRange[], removed: readonly IdRange[], of: TransitionClass): readonly IdRange[] {
  const space = ID_SPACE[of]
  return complementRanges([...complementRanges(ranges, space), ...removed], space)
}

const article = (transitionClass: TransitionClass): string =>
  `${/^[aeiou]/.test(transitionClass) ? 'an' : 'a'} ${transitionClass}`
