/** What checking one vector gives. */
export interface Outcome {
  /** Path of the file below the folder that was asked for, and what was asked of it where that is not the file itself. */
  readonly name: string
  readonly passed: boolean
  /** One line: what was expected and what was found, or, of a vector that passed, what was needed for it. */
  readonly detail?: string | undefined
}

/** Compares the name of what was found with those that are right. */
export function compare(name: string, expected: readonly string[], found: string, needed?: string): Outcome {
  const passed = expected.includes(found)
  return { name, passed, detail: passed ? needed : `expected ${expected.join(' or ')}, found ${found}` }
}
