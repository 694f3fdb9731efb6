import type { Mutant } from './mutants.ts'

/** A source file that takes note of every place that is run: of the mutants, by their numbers from `first`. */
export function noteVisits(source: string, mutants: readonly Mutant[], first: number): string {
  const marks = mutants.flatMap(({ host: { start, end, isStatement } }, index) => {
    const visit = `globalThis.visitedPlaces?.add(${first + index})`
    const [before, after] = isStatement ? [`{ ${visit}; `, ' }'] : [`(${visit}, `, ')']
    // Outer places come first, and so begin before inner ones and end after them.
    return [
      { at: start, rank: index, text: before },
      { at: end, rank: -1 - index, text: after },
    ]
  })
  let text = source
  for (const mark of marks.sort((a, b) => b.at - a.at || b.rank - a.rank)) {
    text = text.slice(0, mark.at) + mark.text + text.slice(mark.at)
  }
  return text
}
