import { readFileSync } from 'node:fs'
import { type Mutant, mutantsOf } from './mutants.ts'
import { noteVisits } from './note-visits.ts'
import type { PrivateCopy } from './private-copy.ts'
import type { Subjects } from './subjects.ts'
import type { RunReport } from './test-host.ts'
import { TestRunner } from './test-runner.ts'

/** What became of a mutant: a test failed, or did not end; none noticed; none even runs the place. */
export interface Finding {
  readonly fate: 'caught' | 'hangs' | 'survives' | 'never run'
  /** The test that failed. */
  readonly by?: string
}

export interface Outcome extends Finding {
  readonly mutant: Mutant
}

/** Whether some test noticed. */
export function isNoticed({ fate }: Finding): boolean {
  return fate === 'caught' || fate === 'hangs'
}

/** A source file that mistakes are made in. */
interface Subject {
  readonly path: string
  readonly source: string
  readonly mutants: readonly Mutant[]
  /** Number of the first of its mutants, among those of all subjects. */
  readonly first: number
}

/** Before a test counts as hanging: so many times the longest of all, and this on top, in milliseconds. */
const PATIENCE = 5
const PATIENCE_FLOOR = 10_000
const FIRST_PATIENCE = 300_000

/** Makes mistakes in source files of one package, one after the other, and runs the tests of it that run the place. */
export class Trial {
  readonly #tests: TestRunner
  readonly #subjects = new Map<string, Subject>()
  readonly #quick: boolean
  #patience = FIRST_PATIENCE
  readonly #durations = new Map<string, number>()
  /** The files of tests that run each place, by its number. */
  readonly #visitors = new Map<number, Set<string>>()

  /** @param quick Whether to leave the slowest quarter of the files of tests out. */
  constructor(copy: PrivateCopy, { folder, tests, files }: Subjects, quick: boolean) {
    this.#quick = quick
    this.#tests = new TestRunner(copy.path(folder), copy.path('rmm/mutation/visits-setup.ts'), tests)
    let first = 0
    for (const file of files) {
      const path = copy.path(file)
      const source = readFileSync(path, 'utf8')
      const mutants = mutantsOf(source)
      this.#subjects.set(file, { path, source, mutants, first })
      first += mutants.length
    }
  }

  /** How many mistakes will be made. */
  get size(): number {
    return [...this.#subjects.values()].reduce((sum, { mutants }) => sum + mutants.length, 0)
  }

  /** Runs all tests once without a mistake, to see which run what. Throws if one fails so. */
  async prepare(): Promise<void> {
    const edits = [...this.#subjects.values()].map(({ path, source, mutants, first }) => {
      return [path, noteVisits(source, mutants, first)] as const
    })
    const report = await this.#tests.run({ edits }, this.#patience)
    if (report === undefined) throw new Error('the tests do not end, without any mistake')
    if (report.failure !== undefined) {
      throw new Error(`a test fails without any mistake: ${report.failure.test}`)
    }
    this.#patience = PATIENCE_FLOOR + PATIENCE * this.#tests.longestSilence
    for (const { path, duration } of report.files) this.#durations.set(path, duration)
    const slowest = this.#quick ? quantile([...this.#durations.values()], 0.75) : Number.POSITIVE_INFINITY
    const used = report.files.filter(({ duration }) => duration <= slowest)
    for (const { path, visited } of used) for (const place of visited) this.#visit(place, [path])
    for (const { loaded } of report.files)
      for (const place of loaded)
        this.#visit(
          place,
          used.map(({ path }) => path),
        )
  }

  #visit(place: number, paths: Iterable<string>): void {
    const visitors = this.#visitors.get(place) ?? new Set()
    this.#visitors.set(place, visitors)
    for (const path of paths) visitors.add(path)
  }

  /** Text of a source file. */
  source(file: string): string {
    return this.#subjects.get(file)!.source
  }

  /**
   * What becomes of each mutant of a file, in their order.
   *
   * @param earlier What became of the first of them another time: what was noticed then is not tried again.
   */
  async *outcomes(file: string, earlier: readonly Finding[] = []): AsyncGenerator<Outcome> {
    const { path, mutants, first } = this.#subjects.get(file)!
    // Tests that notice one mistake in a file tend to notice others.
    let good: readonly string[] = []
    for (const [index, mutant] of mutants.entries()) {
      const known = earlier[index]
      if (known !== undefined && isNoticed(known)) {
        yield { mutant, ...known }
        continue
      }
      const visitors = this.#visitors.get(first + index)
      if (visitors === undefined) {
        yield { mutant, fate: this.#quick ? 'survives' : 'never run' }
        continue
      }
      const others = [...visitors].sort((a, b) => this.#duration(a) - this.#duration(b))
      const files = [...new Set([...good.filter((name) => visitors.has(name)), ...others])]
      const report = await this.#tests.run({ edits: [[path, mutant.text]], files }, this.#patience)
      if (report?.failure !== undefined) good = [report.failure.path, ...good]
      yield outcomeOf(mutant, report)
    }
  }

  #duration(path: string): number {
    return this.#durations.get(path) ?? 0
  }

  /** Ends everything that runs. */
  stop(): void {
    this.#tests.stop()
  }
}

/** The value that a part of all values does not exceed. */
function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0
}

function outcomeOf(mutant: Mutant, report: RunReport | undefined): Outcome {
  if (report === undefined) return { mutant, fate: 'hangs' }
  return report.failure === undefined
    ? { mutant, fate: 'survives' }
    : { mutant, fate: 'caught', by: report.failure.test }
}
