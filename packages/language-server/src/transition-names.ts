import { FORCED, type NamedIds, SERVICES, TRANSITIONS, transitionDefault } from '@mica/policy'

/** The ids of a word in a class of transitions. */
export function namedIds(of: string, name: string): NamedIds | undefined {
  return [...TRANSITIONS, ...FORCED, ...SERVICES].find((named) => named.class === of && named.name === name)
}

/** What happens to the ids of a word where no policy names them, in a line. */
export function describeDefault({ class: of, ranges }: NamedIds): string {
  const { action, rule } = transitionDefault(of, ranges[0]?.[0] ?? 0)
  const because = {
    service: ', the monitor answers it itself',
    forced: ', and it cannot be blocked',
    default: '',
    listed: '',
  }
  return `Where nothing names it: \`${action}\`${because[rule]}.`
}
