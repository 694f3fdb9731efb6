import type { Analysis } from '../../analysis.ts'
import { ruleAt } from '../../items.ts'
import { describeDefault, namedIds } from '../../transition-names.ts'

/** What the id of a transition at an offset is, and what happens to it where nothing is said. */
export function describeTransition(analysis: Analysis, offset: number): readonly string[] | undefined {
  const rule = ruleAt(analysis.parsed.file, offset)
  const id = rule?.ids.find(({ span }) => span.offset === offset)
  if (rule === undefined || id?.kind !== 'name') return undefined
  const named = namedIds(rule.class.text, id.name.text)
  if (named === undefined) return undefined
  const numbers = named.ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}..${hex(to)}`))
  return [`**${named.class}** \`${named.name}\` (${numbers.join(', ')})`, `${named.meaning}.`, describeDefault(named)]
}

const hex = (id: number): string => `\`0x${id.toString(16)}\``
