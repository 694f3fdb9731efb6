/** What is counted, in the order in which it is reported. */
export const KINDS = ['traces', 'calls', 'rim', 'rem', 'tokens'] as const
export type Kind = (typeof KINDS)[number]

/** How many there are, and how many are as recorded. */
export interface Tally {
  readonly equal: number
  readonly total: number
}

/** What came of one file. */
export interface Outcome {
  readonly tallies: Readonly<Partial<Record<Kind, Tally>>>
  /** The first thing that is not as recorded, or what is wrong with the file: one line. */
  readonly problem: string | undefined
}

/** Everything of one kind in a file that cannot be used. */
export function malformed(kind: Kind, problem: string): Outcome {
  return { tallies: { [kind]: { equal: 0, total: 1 } }, problem }
}

/** The last line of a run. */
export function summary(outcomes: readonly Outcome[]): string {
  const sum = (kind: Kind, member: keyof Tally) =>
    outcomes.reduce((total, { tallies }) => total + (tallies[kind]?.[member] ?? 0), 0)
  return `conformance: ${KINDS.map((kind) => `${kind} ${sum(kind, 'equal')}/${sum(kind, 'total')}`).join(' ')}`
}

/** Whether there was anything, and all of it as recorded. */
export function allEqual(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every(({ problem }) => problem === undefined)
}

/** Text that an error or a file brings, on one line. */
export function oneLine(problem: unknown): string {
  const text = problem instanceof Error ? problem.message : String(problem)
  return text.replace(/\s+/g, ' ').slice(0, 2000)
}
