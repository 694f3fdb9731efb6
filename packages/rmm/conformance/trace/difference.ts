/** The first thing about a call, or a token, that is not as it was recorded. */
export interface Difference {
  readonly field: string
  readonly is: string
  readonly recorded: string
}

/** Compares one thing with what was recorded of it. */
export type Compare = (field: string, is: unknown, recorded: unknown) => void

/** Makes comparisons and returns the first that did not hold. */
export function firstDifference(make: (compare: Compare) => void): Difference | undefined {
  let first: Difference | undefined
  make((field, is, recorded) => {
    if (first !== undefined) return
    const [a, b] = [written(is), written(recorded)]
    if (a !== b) first = { field, is: a, recorded: b }
  })
  return first
}

/** A value as differences show it, its members in one order. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
