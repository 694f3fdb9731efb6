import type { AttackResult } from '@mica/plugins'
import type { Style } from '../terminal.ts'
import { plural } from '../words.ts'

/** Reasons that are printed of one attack; the others are counted. */
const MOST_REASONS = 4

const WORDS: Readonly<Record<AttackResult['outcome'], string>> = {
  stopped: 'stopped',
  succeeded: 'SUCCEEDED',
  'not-applicable': 'nothing to try',
  works: 'works',
  broken: 'DOES NOT WORK',
}

/** One block: what was tried by whom, how often, and what stopped it. */
export function renderAttack({ name, adversary, tried, tries, outcome, by }: AttackResult, style: Style): string {
  const colour = isBad(outcome) ? style.red : outcome === 'not-applicable' ? style.dim : style.green
  const who = outcome === 'works' || outcome === 'broken' ? '' : `${adversary} `
  const often = tries > 1 ? `, ${tries} times` : ''
  const reasons = by.slice(0, MOST_REASONS).map((reason, index) => `${index === 0 ? '  by ' : '     '}${reason}`)
  const rest = by.length - MOST_REASONS
  return [
    `${colour(WORDS[outcome])}  ${style.bold(name)}: ${who}${tried}${often}`,
    ...reasons,
    ...(rest > 0 ? [`     and ${plural(rest, 'more reason')}`] : []),
  ].join('\n')
}

/** Whether a result is one that nobody wants. */
export function isBad(outcome: AttackResult['outcome']): boolean {
  return outcome === 'succeeded' || outcome === 'broken'
}
