import type { FileItem, Identifier, Item } from '@mica/dsl'
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import type { Places } from '../places.ts'

const KINDS: Readonly<Partial<Record<FileItem['kind'], SymbolKind>>> = {
  workflow: SymbolKind.Module,
  policy: SymbolKind.Module,
  pattern: SymbolKind.Function,
  use: SymbolKind.Object,
  let: SymbolKind.Constant,
  peer: SymbolKind.Class,
  channel: SymbolKind.Interface,
  memory: SymbolKind.Struct,
}

/** The outline of a file: workflows, policies and patterns with their items, and what stands before them. */
export function documentSymbols(analysis: Analysis): DocumentSymbol[] {
  const places = analysis.placesOf(analysis.path)
  return analysis.parsed.file.items.flatMap((item) => symbolOf(item, places))
}

function symbolOf(item: FileItem, places: Places): DocumentSymbol[] {
  const kind = KINDS[item.kind]
  const name = nameOf(item)
  if (kind === undefined || name === undefined) return []
  const children = 'items' in item ? item.items.flatMap((inner: Item) => symbolOf(inner, places)) : []
  return [
    {
      name: name.text,
      detail: item.kind,
      kind,
      range: places.range(item.span),
      selectionRange: places.range(name.span),
      children,
    },
  ]
}

function nameOf(item: FileItem): Identifier | undefined {
  if (item.kind === 'use') return item.instance
  return 'name' in item ? item.name : undefined
}
