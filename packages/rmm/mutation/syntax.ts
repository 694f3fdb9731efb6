import { parseAst } from 'vitest/node'

/** A node of a syntax tree, as ESTree has them. Other fields are what its type says. */
export interface Node {
  readonly type: string
  /** Where it stands in the source: [start, end). */
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** A node with the nodes around it, the innermost first. */
export interface Place {
  readonly node: Node
  readonly around: readonly Node[]
}

/** Syntax of TypeScript that holds code; all other is about types. */
const TYPED_CODE = /^TS(As|Satisfies|NonNull|Instantiation)/

/** Every node of a source file that runs, with those around it, the outer before the inner. */
export function nodesOf(source: string): readonly Place[] {
  const found: Place[] = []
  const walk = (value: unknown, around: readonly Node[]): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, around)
    if (!isNode(value) || (value.type.startsWith('TS') && !TYPED_CODE.test(value.type))) return
    found.push({ node: value, around })
    for (const field of Object.values(value)) walk(field, [value, ...around])
  }
  walk(parseAst(source, { lang: 'ts' }), [])
  return found
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
