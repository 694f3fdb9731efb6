import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Finding, isNoticed, type Outcome } from './trial.ts'

/** What became of the mutants of one source file, in their order, as the file of results has it. */
interface FileResults {
  readonly file: string
  /** SHA-256 of the source. */
  readonly source: string
  readonly caught: number
  readonly mutants: readonly (Finding & { readonly line: number; readonly from: string; readonly to: string })[]
}

/** A file of results, for programs, and to go on from. */
export class Results {
  readonly #path: string
  readonly #files: Map<string, FileResults>

  constructor(path: string) {
    this.#path = path
    const known: readonly FileResults[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
    this.#files = new Map(known.map((results) => [results.file, results]))
  }

  /** What is known of a source file, as long as its text is the same. */
  earlier(file: string, source: string): FileResults['mutants'] {
    const known = this.#files.get(file)
    return known !== undefined && known.source === digestOf(source) ? known.mutants : []
  }

  /** Keeps what became of the first mutants of a file, or of all, in place of what was known of them. */
  write(file: string, source: string, outcomes: readonly Outcome[]): void {
    const fresh = outcomes.map(({ mutant: { line, from, to }, ...finding }) => ({ line, from, to, ...finding }))
    const mutants = [...fresh, ...this.earlier(file, source).slice(fresh.length)]
    this.#files.set(file, { file, source: digestOf(source), caught: mutants.filter(isNoticed).length, mutants })
    writeFileSync(this.#path, `${JSON.stringify([...this.#files.values()], undefined, 2)}\n`)
  }
}

function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex')
}
