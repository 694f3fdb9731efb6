import { EQUIVALENT, type Equivalent } from './equivalent.ts'
import type { Mutant } from './mutants.ts'
import { isNoticed, type Outcome } from './trial.ts'

/** At least so much of all mistakes has to be noticed. */
const WANTED = 0.9

/** Whether an explanation is about this mutant. */
export function explains({ file, line, from, to }: Equivalent, of: string, mutant: Mutant): boolean {
  return file === of && line === mutant.context && from === mutant.from && to === mutant.to
}

function explanationOf(file: string, mutant: Mutant): string | undefined {
  return EQUIVALENT.find((entry) => explains(entry, file, mutant))?.why
}

/** What became of all mutants, file by file. */
export class Report {
  readonly #files = new Map<string, Outcome[]>()
  tried = 0
  caught = 0
  /** Mutants that no test notices, and of which nothing says why. */
  unexplained = 0

  add(file: string, outcome: Outcome): void {
    const outcomes = this.#files.get(file) ?? []
    this.#files.set(file, outcomes)
    outcomes.push(outcome)
    this.tried++
    if (isNoticed(outcome)) this.caught++
    else if (explanationOf(file, outcome.mutant) === undefined) this.unexplained++
  }

  /** Everything was noticed, but for less than a tenth, and all of that is explained. */
  get isGood(): boolean {
    return this.caught >= WANTED * this.tried && this.unexplained === 0
  }

  /** What became of the mutants of a file, so far. */
  outcomes(file: string): readonly Outcome[] {
    return this.#files.get(file) ?? []
  }

  /** A line for each mistake that nobody noticed, and one for the file. */
  ofFile(file: string): string {
    const outcomes = this.outcomes(file)
    const survivors = outcomes.filter((outcome) => !isNoticed(outcome))
    const lines = survivors.map(({ mutant, fate }) => {
      const { line, from, to } = mutant
      const why = explanationOf(file, mutant)
      return `${file}:${line}: \`${from}\` as \`${to}\` ${fate}${why === undefined ? '' : `, explained: ${why}`}`
    })
    return [...lines, `${file}: ${outcomes.length - survivors.length} of ${outcomes.length} caught`].join('\n')
  }

  get conclusion(): string {
    const percent = ((100 * this.caught) / Math.max(1, this.tried)).toFixed(1)
    return `${this.caught} of ${this.tried} mistakes caught: ${percent} %; ${this.unexplained} not explained`
  }
}
