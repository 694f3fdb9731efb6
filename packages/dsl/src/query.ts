import type { FlowQuery } from '@mica/policy'

/** A question in words, read; or in one line what is wrong with it. */
export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: FlowQuery }
  | { readonly kind: 'malformed'; readonly reason: string }

const NAME = '[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*'
const LIST = `${NAME}(?:\\s*,\\s*${NAME})*`
const QUERY = new RegExp(
  `^\\s*(?<start>${NAME})\\s*->\\s*(?<end>${NAME})(?:\\s+except\\s+via\\s+(?<except>${LIST}))?(?:\\s+assuming\\s+(?<confined>${LIST})\\s+confined)?\\s*$`,
)

/** Reads `A -> B`, with `except via X, Y` and `assuming Z confined` as assertions have them. */
export function parseQuery(text: string): ParsedQuery {
  const groups = QUERY.exec(text)?.groups
  if (groups === undefined) return { kind: 'malformed', reason: `\`${text}\` is no question` }
  const list = (names: string | undefined): string[] => names?.split(/\s*,\s*/) ?? []
  const [from, to] = [groups['start'] ?? '', groups['end'] ?? '']
  const except = list(groups['except'])
  const end = except.find((name) => name === from || name === to)
  if (end !== undefined)
    return { kind: 'malformed', reason: `\`${end}\` is an end of the path and cannot lie on its way` }
  return { kind: 'query', query: { from, to, except, confined: list(groups['confined']) } }
}
