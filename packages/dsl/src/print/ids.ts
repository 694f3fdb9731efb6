import { ID_SPACE, type IdRange, idsOfName, nameOfId, namesOfClass, type TransitionClass } from '@mica/policy'

/** Ids by their word where they have one; a range that has none as numbers. */
export function printIds(of: TransitionClass, ranges: readonly IdRange[]): string {
  const same = (other: readonly IdRange[] | undefined): boolean => JSON.stringify(other) === JSON.stringify(ranges)
  const whole = namesOfClass(of).find((word) => same(idsOfName(of, word)))
  if (whole !== undefined) return whole
  if (same([ID_SPACE[of]])) return '*'
  const number = (id: number): string => (of === 'interrupt' ? String(id) : `0x${id.toString(16)}`)
  const words = ranges.map(([first, last]) =>
    first === last ? (nameOfId(of, first) ?? number(first)) : `${number(first)}..${number(last)}`,
  )
  // A call has one word and two numbers: its 32-bit and its 64-bit form.
  return [...new Set(words)].join(', ')
}
