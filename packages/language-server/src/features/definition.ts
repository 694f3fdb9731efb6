import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resolveImport } from '@mica/dsl'
import type { Location } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import { allItems } from '../items.ts'
import { covers } from '../places.ts'
import type { UriOf } from './diagnostics.ts'

/** Where the name at an offset is declared, or the file that the import or the image there means. */
export function definitionAt(analysis: Analysis, offset: number, uriOf: UriOf): Location | undefined {
  const name = analysis.nameAt(offset)
  if (name !== undefined) {
    const { declaration } = name.symbol
    return { uri: uriOf(declaration.file), range: analysis.placesOf(declaration.file).range(declaration) }
  }
  const path = importAt(analysis, offset) ?? imageAt(analysis, offset)
  const start = { line: 0, character: 0 }
  return path === undefined ? undefined : { uri: uriOf(path), range: { start, end: start } }
}

function importAt(analysis: Analysis, offset: number): string | undefined {
  const item = analysis.parsed.file.items.find((each) => each.kind === 'import' && covers(each.path.span, offset))
  if (item?.kind !== 'import') return undefined
  const path = resolveImport(item.path.text, analysis.path, analysis.root)
  return path !== undefined && analysis.files.includes(path) ? path : undefined
}

function imageAt(analysis: Analysis, offset: number): string | undefined {
  for (const item of allItems(analysis.parsed.file)) {
    if (item.kind !== 'peer' || item.identity?.kind !== 'image' || !covers(item.identity.span, offset)) continue
    const path = join(dirname(analysis.path), item.identity.path)
    return existsSync(path) ? path : undefined
  }
  return undefined
}
