import type { IdRange, Policy, TransitionAction, TransitionClass } from './model.ts'
import { oncePerPolicy } from './policy-index.ts'
import { normalizeRanges } from './ranges.ts'
import { FORCED, ID_SPACE, SERVICES, type Service } from './transition-ids.ts'

/** What happens to a transition, and what decided it. */
export interface TransitionDecision {
  readonly action: TransitionAction
  /**
   * `listed`: the policy names the id. `service`: the monitor answers the call itself, and its default holds, or the
   * policy says `scrub`, which blocks a service. `forced`: it cannot be blocked. `default`: nothing names it.
   */
  readonly rule: 'listed' | 'default' | 'forced' | 'service'
}

interface ListedRange {
  readonly first: number
  readonly last: number
  readonly decision: TransitionDecision
}

const LISTED: Readonly<Record<TransitionAction, TransitionDecision>> = {
  block: { action: 'block', rule: 'listed' },
  scrub: { action: 'scrub', rule: 'listed' },
  allow: { action: 'allow', rule: 'listed' },
}
const SERVICE_ALLOWED: TransitionDecision = { action: 'allow', rule: 'service' }
const SERVICE_BLOCKED: TransitionDecision = { action: 'block', rule: 'service' }
const FORCED_SCRUB: TransitionDecision = { action: 'scrub', rule: 'forced' }
const DEFAULT_BLOCK: TransitionDecision = { action: 'block', rule: 'default' }

/** Width of an action: block < scrub < allow. */
export const ACTION_WIDTH: Readonly<Record<TransitionAction, number>> = { block: 0, scrub: 1, allow: 2 }

const key = (peer: number, transitionClass: TransitionClass): string => `${peer} ${transitionClass}`

/** What a policy lists for each peer and class, sorted by id. */
const listedRanges = oncePerPolicy((policy) => {
  const listed = new Map<string, ListedRange[]>()
  for (const { peer, class: transitionClass, action, ranges } of policy.transitions) {
    const entry = key(peer, transitionClass)
    const sorted = listed.get(entry) ?? []
    for (const [first, last] of ranges) sorted.push({ first, last, decision: LISTED[action] })
    listed.set(entry, sorted)
  }
  for (const sorted of listed.values()) sorted.sort((a, b) => a.first - b.first)
  return listed
})

/**
 * What happens when something of a peer crosses to the host: one binary search among what the policy lists for it.
 *
 * @param id SMC function id, exception class or INTID; any number at all, since guests choose function ids.
 */
export function transitionAction(
  policy: Policy,
  peerIndex: number,
  transitionClass: TransitionClass,
  id: number,
): TransitionDecision {
  const listed = find(listedRanges(policy).get(key(peerIndex, transitionClass)), id)
  if (listed === undefined) return transitionDefault(transitionClass, id)
  const scrubbedService = listed.action === 'scrub' && transitionClass === 'call' && serviceOf(id) !== undefined
  return scrubbedService ? SERVICE_BLOCKED : listed
}

/** What happens to a transition that a policy does not list. */
export function transitionDefault(transitionClass: TransitionClass, id: number): TransitionDecision {
  const service = transitionClass === 'call' ? serviceOf(id) : undefined
  if (service !== undefined) return service.default === 'allow' ? SERVICE_ALLOWED : SERVICE_BLOCKED
  return isForced(transitionClass, id) ? FORCED_SCRUB : DEFAULT_BLOCK
}

function find(ranges: readonly ListedRange[] | undefined, id: number): TransitionDecision | undefined {
  if (ranges === undefined) return undefined
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const range = ranges[middle]!
    if (id < range.first) high = middle - 1
    else if (id > range.last) low = middle + 1
    else return range.decision
  }
  return undefined
}

const inRanges = (ranges: readonly IdRange[], id: number): boolean =>
  ranges.some(([first, last]) => first <= id && id <= last)

/** The service that answers a call, if the monitor answers it itself. */
export function serviceOf(id: number): Service | undefined {
  return SERVICES.find(({ ranges }) => inRanges(ranges, id))
}

/** Whether an id always happens: see `FORCED`. */
export function isForced(transitionClass: TransitionClass, id: number): boolean {
  return FORCED.some((forced) => forced.class === transitionClass && inRanges(forced.ranges, id))
}

/** An id at which one peer's transitions are wider than another's. */
export interface WiderTransition {
  readonly class: TransitionClass
  readonly id: number
  readonly action: TransitionAction
}

/** The transitions of one peer: what a policy and a workflow both have. */
export interface TransitionsOf {
  readonly policy: Policy
  readonly peer: number
}

/** The ids of a class at which what is decided for either of two peers may change, unsorted. */
function decisionSteps(transitionClass: TransitionClass, ...sides: readonly TransitionsOf[]): ReadonlySet<number> {
  const steps = new Set<number>()
  for (const { policy, peer } of sides) {
    for (const { first, last } of listedRanges(policy).get(key(peer, transitionClass)) ?? []) {
      steps.add(first).add(last + 1)
    }
  }
  if (steps.size === 0) return steps
  for (const named of [...SERVICES, ...FORCED]) {
    if (named.class !== transitionClass) continue
    for (const [first, last] of named.ranges) steps.add(first).add(last + 1)
  }
  return steps
}

/** Ids for which two peers differ in what happens. */
export interface TransitionChange {
  readonly class: TransitionClass
  readonly before: TransitionAction
  readonly after: TransitionAction
  readonly ranges: readonly IdRange[]
}

/** Where the transitions of one peer differ from those of another, by class, then by action before and after. */
export function transitionChanges(before: TransitionsOf, after: TransitionsOf): readonly TransitionChange[] {
  const changes: TransitionChange[] = []
  for (const transitionClass of ['call', 'exception', 'interrupt'] as const) {
    const [least, most] = ID_SPACE[transitionClass]
    const steps = [...decisionSteps(transitionClass, before, after)].sort((a, b) => a - b)
    const starts = [least, ...steps.filter((id) => id > least && id <= most)]
    const groups = new Map<string, IdRange[]>()
    for (const [index, first] of starts.entries()) {
      const actions = [before, after].map(
        ({ policy, peer }) => transitionAction(policy, peer, transitionClass, first).action,
      )
      if (actions[0] === actions[1]) continue
      const ranges = groups.get(actions.join(' ')) ?? []
      ranges.push([first, (starts[index + 1] ?? most + 1) - 1])
      groups.set(actions.join(' '), ranges)
    }
    for (const [actions, ranges] of groups) {
      const [from, to] = actions.split(' ') as [TransitionAction, TransitionAction]
      changes.push({ class: transitionClass, before: from, after: to, ranges: normalizeRanges(ranges) })
    }
  }
  return changes
}

/**
 * The first id at which `peer` of `policy` may do more than `bound` lets `boundPeer` do, or `undefined`.
 *
 * Decisions change only where a listed range, a service or a forced id begins or ends, so those ids are tried.
 */
export function widerTransition(
  policy: Policy,
  peer: number,
  bound: Policy,
  boundPeer: number,
): WiderTransition | undefined {
  for (const transitionClass of ['call', 'exception', 'interrupt'] as const) {
    for (const id of decisionSteps(transitionClass, { policy, peer }, { policy: bound, peer: boundPeer })) {
      const { action } = transitionAction(policy, peer, transitionClass, id)
      const limit = transitionAction(bound, boundPeer, transitionClass, id).action
      if (ACTION_WIDTH[action] > ACTION_WIDTH[limit]) return { class: transitionClass, id, action }
    }
  }
  return undefined
}
