import type { TransitionAction, TransitionClass } from '@mica/policy'
import type { Report } from '../diagnostic.ts'
import { nearest } from '../syntax/literals.ts'
import type { Span } from '../syntax/span.ts'
import type { JsonMember, JsonNode } from './json-reader.ts'
import * as messages from './messages.ts'

/** Bytes of a name that the prototype keeps. */
const NAME_BYTES = 4

/**
 * The two syntaxes of the reference. `flat` is what the prototype reads: keys `VM…`, `Mem…` and `CF…` side by side;
 * `grouped` is the figure of the paper, which says more: execution, scrubbing, no address, no limit of `any`, no hash.
 */
interface ReferenceSyntax {
  readonly kind: 'flat' | 'grouped'
  readonly gatewayKey: string
  readonly countKey: string
  readonly classes: Readonly<Record<string, TransitionClass>>
  readonly actions: Readonly<Record<string, TransitionAction>>
}

const FLAT: ReferenceSyntax = {
  kind: 'flat',
  gatewayKey: 'is-gateway',
  countKey: 'any-count',
  classes: { CALL: 'call', EXCEPTION: 'exception' },
  actions: { BLOCK: 'block', ALLOW: 'allow' },
}
const GROUPED: ReferenceSyntax = {
  kind: 'grouped',
  gatewayKey: 'is_gateway',
  countKey: 'count',
  classes: { call: 'call', exception: 'exception' },
  actions: { BLOCK: 'block', ALLOW: 'allow', SCRUB: 'scrub' },
}
const GROUPS = ['Peers', 'MemChannels', 'TransChannels'] as const

/** One record of a policy: its key as written and its members. */
export interface Entry extends JsonMember {
  /** What it is called in the policy. */
  readonly name: string
}

/** The parts of a policy in either syntax, in file order. */
export interface Parts {
  readonly syntax: ReferenceSyntax
  readonly self: JsonNode | undefined
  readonly peers: readonly Entry[]
  readonly memories: readonly Entry[]
  readonly flows: readonly Entry[]
}

/** Whether a policy is in the syntax that the prototype reads. */
export function isFlat(root: JsonNode): boolean {
  return root.kind !== 'object' || !root.members.some(({ key }) => GROUPS.some((group) => group === key))
}

export type JsonObject = Extract<JsonNode, { kind: 'object' }>

/** Takes a policy apart, in either syntax. */
export function partsOf(root: JsonObject, report: Report): Parts {
  if (!isFlat(root)) return groupedParts(root, report)
  const of = (prefix: string): JsonMember[] => root.members.filter(({ key }) => key.startsWith(prefix))
  const self = root.members.filter(({ key }) => key === 'Self')
  for (const again of self.slice(1)) report(messages.repeatedKey({ key: 'Self', first: self[0]!.span }, again.span))
  for (const { key, span } of root.members) {
    if (key === 'Self' || /^(?:VM|Mem|CF)/.test(key)) continue
    const known = ['Self', 'VM1', 'Mem1', 'CF1']
    report(messages.unknownKey({ key, known, near: nearest(key, known) }, span))
  }
  return {
    syntax: FLAT,
    self: self[0]?.value,
    peers: cutNames(of('VM'), report),
    memories: cutNames(of('Mem'), report),
    flows: of('CF').map((member) => ({ ...member, name: member.key })),
  }
}

/** Names as the prototype keeps them. */
function cutNames(members: readonly JsonMember[], report: Report): readonly Entry[] {
  const seen = new Map<string, Span>()
  return members.map((member) => {
    const { key, span } = member
    const name = cut(key)
    const first = seen.get(name)
    if (first !== undefined) report(messages.sameNameCut({ name: key, cut: name, first }, span))
    else if (name !== key) report(messages.nameCut({ name: key, cut: name }, span))
    seen.set(name, first ?? span)
    return { ...member, name }
  })
}

/** A name as the prototype keeps it: its first bytes. One that is no ASCII is no name of the language either way. */
export const cut = (name: string): string => name.slice(0, NAME_BYTES)

function groupedParts(root: JsonObject, report: Report): Parts {
  const groups = new Map<string, readonly JsonMember[]>()
  let self: JsonNode | undefined
  for (const { key, span, value } of uniqueMembers(root, report)) {
    if (key === 'Self') self = value
    else if (!GROUPS.some((group) => group === key)) {
      report(messages.unknownKey({ key, known: GROUPS, near: nearest(key, GROUPS) }, span))
    } else if (value.kind !== 'object') report(messages.expectedValue({ key, expected: 'an object' }, value.span))
    else groups.set(key, uniqueMembers(value, report))
  }
  const named = (group: string): Entry[] =>
    (groups.get(group) ?? []).flatMap((member) => (member.key === 'Self' ? [] : [{ ...member, name: member.key }]))
  self ??= groups.get('Peers')?.find(({ key }) => key === 'Self')?.value
  return {
    syntax: GROUPED,
    self,
    peers: named('Peers'),
    memories: named('MemChannels'),
    flows: named('TransChannels'),
  }
}

/** The members of an object, each key once. */
export function uniqueMembers(object: JsonObject, report: Report): readonly JsonMember[] {
  const seen = new Map<string, Span>()
  return object.members.filter(({ key, span }) => {
    const first = seen.get(key)
    if (first === undefined) seen.set(key, span)
    else report(messages.repeatedKey({ key, first }, span))
    return first === undefined
  })
}
