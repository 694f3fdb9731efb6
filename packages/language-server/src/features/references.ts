import type { NamedSymbol, Span } from '@mica/dsl'
import type { Location } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import type { Workspace } from '../workspace.ts'

/** A symbol as one analysis has it: the same declaration has other uses in files that import it. */
export interface FoundSymbol {
  readonly analysis: Analysis
  readonly symbol: NamedSymbol
}

/** What is declared in one place, in every file of the project that brings that place. */
export function everywhere({ declaration }: NamedSymbol, workspace: Workspace): readonly FoundSymbol[] {
  return workspace.bringing(declaration.file).flatMap((analysis) => {
    const symbol = analysis.checked.symbols.find(
      (other) => other.declaration.file === declaration.file && other.declaration.offset === declaration.offset,
    )
    return symbol === undefined ? [] : [{ analysis, symbol }]
  })
}

/** Places of a symbol, each once. */
export function placesOfSymbol(found: readonly FoundSymbol[], declaration: boolean): readonly Span[] {
  const places = new Map<string, Span>()
  for (const { symbol } of found) {
    for (const span of [...(declaration ? [symbol.declaration] : []), ...symbol.uses]) {
      places.set(`${span.offset} ${span.file}`, span)
    }
  }
  return [...places.values()]
}

/** Every place of the project that names what the name at an offset stands for. */
export function referencesAt(
  analysis: Analysis,
  offset: number,
  workspace: Workspace,
  { declaration }: { readonly declaration: boolean },
): Location[] {
  const name = analysis.nameAt(offset)
  if (name === undefined) return []
  const found = everywhere(name.symbol, workspace)
  return placesOfSymbol(found, declaration).map((span) => {
    const places = found.find((one) => one.analysis.files.includes(span.file))?.analysis.placesOf(span.file)
    const range = (places ?? analysis.placesOf(span.file)).range(span)
    return { uri: workspace.uriOf(span.file), range }
  })
}
