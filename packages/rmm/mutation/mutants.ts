import { isNode, type Node, nodesOf, type Place } from './syntax.ts'

/** One small mistake in one place of a source file. */
export interface Mutant {
  /** Line of the place, from 1. */
  readonly line: number
  /** The text of that line. */
  readonly context: string
  /** What stands there, and what stands there instead. */
  readonly from: string
  readonly to: string
  /** The expression or statement in which that is: it is run when the mistake can show. */
  readonly host: { readonly start: number; readonly end: number; readonly isStatement: boolean }
  /** The whole file with the mistake in it. */
  readonly text: string
}

/** What stands at [start, end) of the source gives way to `to`. `code` differs from it where only the report is short. */
interface Change {
  readonly start: number
  readonly end: number
  readonly to: string
  readonly code?: string
}

/** Makes the changes that one sort of mistake can make of a node; none if the node is of another kind. */
type Mutator = (place: Place, source: string) => readonly Change[]

const MUTATORS: readonly Mutator[] = [comparison, connective, condition, truth, answer, earlyExit, effect]

/** Every mutant of a source file, in the order of their places. */
export function mutantsOf(source: string): readonly Mutant[] {
  const mutants = nodesOf(source).flatMap((place) => {
    const { start, end, type } = place.node
    const host = { start, end, isStatement: type.endsWith('Statement') }
    return MUTATORS.flatMap((mutator) => mutator(place, source)).map((change) => ({ host, change }))
  })
  const lines = source.split('\n')
  return mutants.map(({ host, change: { start, end, to, code = to } }) => {
    const line = source.slice(0, start).split('\n').length
    return {
      line,
      context: lines[line - 1]!.trim(),
      from: source.slice(start, end).replace(/\s+/g, ' '),
      to: to.replace(/\s+/g, ' '),
      host,
      text: source.slice(0, start) + code + source.slice(end),
    }
  })
}

/** Each comparison the other way round, and one off where there is an edge. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['>=', '<='],
  '<=': ['>', '<'],
  '>': ['<=', '>='],
  '>=': ['<', '>'],
}

function comparison({ node }: Place, source: string): readonly Change[] {
  if (node.type !== 'BinaryExpression') return []
  const operator = String(node['operator'])
  const start = source.indexOf(operator, part(node, 'left').end)
  return (COMPARISONS[operator] ?? []).map((to) => ({ start, end: start + operator.length, to }))
}

/** Either side of `&&`, `||` and `??` alone. Whoever notices both notices one connective in place of another, too. */
function connective({ node }: Place, source: string): readonly Change[] {
  if (node.type !== 'LogicalExpression') return []
  return [part(node, 'left'), part(node, 'right')].map((side) => replace(node, source.slice(side.start, side.end)))
}

/** A condition that nothing else here turns round: a call, a flag, a negation. */
function condition({ node, around: [outer] }: Place, source: string): readonly Change[] {
  if (node.type === 'UnaryExpression' && node['operator'] === '!') {
    const { start, end } = part(node, 'argument')
    return [replace(node, source.slice(start, end))]
  }
  const isTest = outer?.['test'] === node
  const isTurned = node.type === 'LogicalExpression' || String(node['operator']) in COMPARISONS
  return isTest && !isTurned ? [replace(node, `!(${source.slice(node.start, node.end)})`)] : []
}

function truth({ node }: Place): readonly Change[] {
  return node.type === 'Literal' && typeof node['value'] === 'boolean' ? [replace(node, String(!node['value']))] : []
}

/** Functions that make the answer of a command, and what makes the answer another one. */
const ANSWERS: readonly (readonly [names: RegExp, to: string, code: (call: string) => string])[] = [
  [
    /^(success|inputError|realmError|rttError)$/,
    'another status',
    (call) => `((answer) => ({ ...answer, status: answer.status === 0 ? 1 : 0 }))(${call})`,
  ],
  [
    /^(rsiSuccess|rsiInputError|rsiStateError|answer)$/,
    'another status',
    (call) => `((answer) => ({ ...answer, x0: answer.x0 === 0n ? 1n : 0n }))(${call})`,
  ],
  [/^(refuse|refuseFact)$/, 'undefined', () => 'undefined'],
]

function answer({ node }: Place, source: string): readonly Change[] {
  if (node.type !== 'CallExpression') return []
  const name = String(part(node, 'callee')['name'])
  const { start, end } = node
  return ANSWERS.filter(([names]) => names.test(name)).map(([, to, code]) => {
    return { start, end, to, code: code(source.slice(start, end)) }
  })
}

/** What ends a function, or a round of a loop, on a condition: it goes on. */
function earlyExit({ node, around: [outer, next] }: Place): readonly Change[] {
  if (!/^(Return|Continue|Break|Throw)Statement$/.test(node.type)) return []
  const owner = outer?.type === 'BlockStatement' ? next : outer
  return owner?.type === 'IfStatement' ? [{ start: node.start, end: node.end, to: '{}' }] : []
}

/** What is done for its effect is not done. */
function effect({ node }: Place): readonly Change[] {
  return node.type === 'ExpressionStatement' ? [{ start: node.start, end: node.end, to: '{}' }] : []
}

/** Another expression in place of a node, whatever stands around it. */
function replace({ start, end }: Node, to: string): Change {
  return { start, end, to, code: `(${to})` }
}

function part(node: Node, field: string): Node {
  const value = node[field]
  if (!isNode(value)) throw new TypeError(`a ${node.type} without ${field}`)
  return value
}
