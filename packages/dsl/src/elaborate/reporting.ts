import type { Report } from '../diagnostic.ts'
import { nearest } from '../syntax/literals.ts'

/** Unknown names for which a similar one is looked for: each search compares with every name there is. */
const SEARCHES = 50

/** Looks for names that may have been meant, as often as anybody will read. */
export class Suggestions {
  #left = SEARCHES

  /** The closest of `known`, if one is close. */
  nearest(written: string, known: Iterable<string>): string | undefined {
    return this.#left-- > 0 ? nearest(written, known) : undefined
  }
}

/** Where whoever reads a file leaves what is wrong with it. */
export interface Reporting {
  readonly report: Report
  readonly suggestions: Suggestions
}
