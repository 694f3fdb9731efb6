import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { Elaborated } from '../elaborate/program.ts'
import { symbolsOf } from '../symbols.ts'

/** Constants and patterns of a workflow's or policies' own file are there to be used; other files may be libraries. */
export function unusedNames(elaborated: Elaborated, ownFile: string, report: Report): void {
  const { bodies, lets, patterns } = elaborated.sorted
  const own = [...lets.values(), ...patterns.values()].filter(({ span }) => span.file === ownFile)
  if (bodies.length === 0 || own.length === 0) return
  const unused = new Set(own.map(({ name }) => name.span))
  for (const { declaration, uses } of symbolsOf(elaborated)) if (uses.length > 0) unused.delete(declaration)
  for (const { kind, name, span } of own) {
    if (!unused.has(name.span)) continue
    report(messages.unusedName({ name: name.text, kind: kind === 'let' ? 'constant' : kind, item: span }, name.span))
  }
}
