import { FORCED, type IdRange, type NamedIds, SERVICES, TRANSITIONS, type TransitionClass } from '@mica/policy'

/** One line of the table of what happens to a transition that a policy does not name. */
export interface TransitionDefault {
  readonly class: TransitionClass
  /** The word of a policy file. */
  readonly name: string
  readonly ids: string
  readonly default: string
  readonly meaning: string
}

/** The table: what reaches the host, then what always happens, then what the monitor answers itself. */
export function transitionDefaults(): readonly TransitionDefault[] {
  const forced = new Set(FORCED.map(({ class: of, name }) => `${of} ${name}`))
  const forwarded = TRANSITIONS.filter(({ class: of, name }) => !forced.has(`${of} ${name}`))
  return [
    ...forwarded.map((named) => row(named, 'block')),
    ...FORCED.map((named) => row(named, 'scrub, never block')),
    ...SERVICES.map((named) => row(named, named.default)),
  ]
}

function row({ class: of, name, ranges, meaning }: NamedIds, action: string): TransitionDefault {
  return { class: of, name, ids: ranges.map((range) => printRange(of, range)).join(', '), default: action, meaning }
}

function printRange(of: TransitionClass, [first, last]: IdRange): string {
  const number = (id: number): string => (of === 'interrupt' ? String(id) : `0x${id.toString(16)}`)
  return first === last ? number(first) : `${number(first)}..${number(last)}`
}
