import { meaningChecks, structureChecks } from './checks/index.ts'
import { unusedNames } from './checks/unused-names.ts'
import { Diagnostics } from './collect.ts'
import * as messages from './diagnostics.ts'
import { type Elaborated, elaborate } from './elaborate/program.ts'
import { Suggestions } from './elaborate/reporting.ts'
import { type ImportOptions, loadFiles } from './files/load-files.ts'
import type { Parsed } from './syntax/parse.ts'
import type { SourceText, Span } from './syntax/span.ts'

/** A file as far as it could be understood, with what was found wrong on the way. */
export interface Analysis {
  readonly diagnostics: Diagnostics
  readonly elaborated: Elaborated
  /** The file, then those that it imports. */
  readonly files: readonly Parsed[]
  /** Their texts. */
  readonly sources: readonly SourceText[]
  /** Where the file ends. */
  readonly end: Span
}

/** Reads a file and what it imports, gives it its meaning and checks that. */
export function analyse(input: string | Uint8Array, options: ImportOptions): Analysis {
  const diagnostics = new Diagnostics()
  const { report } = diagnostics
  const files = loadFiles(input, options, report)
  const sources = files.map((parsed) => parsed.source).reverse()
  const source = sources[0]!
  const end = source.span(source.text.length, source.text.length)
  // What an unreadable file does not say is not missing: it may stand in the part that could not be read.
  if (!diagnostics.hasErrors && files.at(-1)?.file.items.length === 0) report(messages.noWorkflow(end))
  const elaborated = elaborate(files, { report, suggestions: new Suggestions() })
  for (const program of elaborated.programs) for (const check of structureChecks) check(program, report)
  if (!diagnostics.hasErrors) {
    // What other files will say of shared peers is not known.
    const programs = elaborated.programs.filter(({ body }) => body !== undefined)
    for (const program of programs) for (const check of meaningChecks) check(program, report)
    unusedNames(elaborated, source.file, report)
  }
  return { diagnostics, elaborated, files: files.toReversed(), sources, end }
}
