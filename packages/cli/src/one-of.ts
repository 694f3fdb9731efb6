import { nearest } from './nearest.ts'
import { UsageError } from './usage-error.ts'

/** The value of an option that has to be one of several names. Throws {@link UsageError} with the one that may be meant. */
export function oneOf<Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value)
  if (found !== undefined) return found
  const meant = nearest(value, names)
  const help = meant === undefined ? `there is: ${names.join(', ')}` : `did you mean ${meant}?`
  throw new UsageError(`there is no --${option} \`${value}\``, help)
}
