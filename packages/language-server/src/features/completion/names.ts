import type { NamedSymbol, NameRole, SymbolKind } from '@mica/dsl'
import type { Analysis } from '../../analysis.ts'

/** A name that may be written somewhere, and what it stands for. */
export interface KnownName {
  readonly name: string
  readonly symbol: NamedSymbol
}

/** Kinds of what may stand in a place. A parameter stands for whatever a `use` hands to it. */
const KINDS: Readonly<Partial<Record<NameRole, readonly SymbolKind[]>>> = {
  peer: ['peer', 'parameter'],
  node: ['peer', 'channel', 'memory', 'parameter'],
  pattern: ['pattern'],
  argument: ['constant', 'peer', 'parameter'],
  size: ['constant', 'parameter'],
}

/** The names that may be written at an offset, in the order of the text; each once. */
export function knownNames(analysis: Analysis, offset: number, role: NameRole): readonly KnownName[] {
  const kinds = KINDS[role]
  if (kinds === undefined) return []
  const { symbols } = analysis.checked
  const body = analysis.parsed.file.items.findLast((item) => 'items' in item && item.span.offset < offset)
  const within = body !== undefined && 'items' in body ? body.name.text : undefined
  const instances = symbols.filter((symbol) => symbol.kind === 'instance' && symbol.within === within)
  const known = symbols
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap((symbol) => {
      const isHere = symbol.within === undefined || symbol.within === within
      const names = isHere ? ownNames(symbol) : symbol.elaborated.filter((name) => isOfInstance(name, instances))
      return names.map((name): [string, KnownName] => [name, { name, symbol }])
    })
  return [...new Map(known).values()]
}

/** The name of a symbol, or those of the memories of `each any(n)`. */
function ownNames({ name, elaborated }: NamedSymbol): readonly string[] {
  const numbered = elaborated.filter((other) => other.startsWith(`${name}_`))
  return numbered.length > 0 && !elaborated.includes(name) ? numbered : [name]
}

function isOfInstance(name: string, instances: readonly NamedSymbol[]): boolean {
  return instances.some((instance) => name.startsWith(`${instance.name}_`))
}
