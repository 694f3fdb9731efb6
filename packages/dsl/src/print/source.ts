import {
  type IdRange,
  idsOfName,
  NAME_BYTES,
  namesOfClass,
  type Policy,
  printAssertion,
  sameRanges,
  type TransitionClass,
  type Workflow,
  type WorkflowPeer,
} from '@mica/policy'
import { format } from '../format/format.ts'
import { reservedWords } from '../syntax/tokens.ts'
import { printDigest, printHex, printRpv, printText } from './literal.ts'
import { printMemory } from './memory.ts'
import { unplaced } from './unplaced.ts'

/**
 * The canonical source of a workflow: parsed again, it means the same, and printed again it is the same text. Patterns
 * stay expanded, and addresses stand only where the automatic layout would choose others.
 *
 * Names are names of the language; a peer with an image is printed with it, whatever its measurement is.
 */
export function printWorkflow(workflow: Workflow): string {
  const { name, version, peers, transitions, assertions } = workflow
  const names = peers.map((peer) => peer.name)
  return laidOut(`workflow ${name}`, [
    version === undefined ? [] : [`version ${version}`],
    peers.map(printPeer),
    unplaced(workflow.memories).map((memory) => printMemory(memory, names)),
    printTransitions(transitions, names),
    assertions.map((assertion) => {
      const text = printAssertion(assertion)
      const { reason } = assertion
      return reason === undefined ? text : `assert ${printText(reason)} ${text.slice('assert '.length)}`
    }),
  ])
}

/**
 * The canonical source of one policy, as a view of its own: compiled again, it is the same blob. The assertions that
 * it was made with are known by their digest only.
 */
export function printPolicy(policy: Policy, name: string): string {
  const { self, version, peers, memories, transitions, assertionDigest } = policy
  const names = peers.map((peer) => peer.name)
  return laidOut(`policy ${name} for ${names[self] ?? ''}`, [
    version === undefined ? [] : [`version ${version}`],
    assertionDigest === undefined ? [] : [`assert ${printDigest(assertionDigest)}`],
    peers.map((peer) => printPeer({ ...peer, trusted: false })),
    memories.map((memory) => printMemory(memory, names)),
    printTransitions(transitions, names),
  ])
}

function laidOut(header: string, sections: readonly (readonly string[])[]): string {
  const body = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return format(`${header} {\n${body.join('\n\n')}\n}\n`, { file: '' }).text
}

function printPeer({ name, trusted, gateway, strict, image, rims, label, rpv }: WorkflowPeer): string {
  const words = [...(trusted ? ['trusted'] : []), ...(gateway ? ['gateway'] : []), ...(strict ? [] : ['open'])]
  const identity = []
  if (image !== undefined) identity.push(`image ${printText(image)}`)
  else if (rims.length > 0) identity.push(`rim ${rims.map(printDigest).join(' or ')}`)
  else if (label !== undefined) identity.push(`label ${label}`)
  if (rpv !== undefined) identity.push(`rpv ${printRpv(rpv)}`)
  return [...words, 'peer', name, ...identity].join(' ')
}

/** One item for each run of rules of one peer. */
function printTransitions(transitions: Policy['transitions'], names: readonly string[]): string[] {
  const items: { readonly peer: number; readonly rules: string[] }[] = []
  for (const { peer, class: of, action, ranges, written } of transitions) {
    const ids = printIdList(of, written ?? ranges)
    const rule = `${of} ${ids}: ${action}`
    const last = items.at(-1)
    if (last?.peer === peer) last.rules.push(rule)
    else items.push({ peer, rules: [rule] })
  }
  return items.map(({ peer, rules }) => `transition ${names[peer] ?? ''} { ${rules.join(' ')} }`)
}

/**
 * Ids in their order, by a word where one stands for exactly the next of them, else by numbers. Never as `*`, which is
 * what other rules do not name.
 */
function printIdList(of: TransitionClass, ranges: readonly IdRange[]): string {
  const words = namesOfClass(of)
    .map((word) => ({ word, ids: idsOfName(of, word) ?? [] }))
    .sort((a, b) => b.ids.length - a.ids.length)
  const parts: string[] = []
  for (let next = 0; next < ranges.length; ) {
    const named = words.find(({ ids }) => ids.length > 0 && sameRanges(ids, ranges.slice(next, next + ids.length)))
    parts.push(named?.word ?? printRange(of, ranges[next]!))
    next += named?.ids.length ?? 1
  }
  return parts.join(', ')
}

function printRange(of: TransitionClass, [first, last]: IdRange): string {
  const number = (id: number): string => (of === 'interrupt' ? String(id) : printHex(id))
  return first === last ? number(first) : `${number(first)}..${number(last)}`
}

/** Whether a text can be the name of a peer or memory: blobs may hold names that no file can. */
export function isName(text: string): boolean {
  return text.length <= NAME_BYTES && NAME.test(text) && !reservedWords.has(text)
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/
