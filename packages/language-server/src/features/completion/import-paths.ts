import { dirname, relative } from 'node:path'
import { resolveImport } from '@mica/dsl'
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver'
import type { Analysis } from '../../analysis.ts'
import type { Workspace } from '../../workspace.ts'

/** The files that an import at an offset may mean; nothing if there is none. */
export function importPaths(analysis: Analysis, offset: number, workspace: Workspace): CompletionItem[] | undefined {
  const { path, root, parsed } = analysis
  const item = parsed.file.items.find(({ kind, span }) => {
    return kind === 'import' && span.offset < offset && offset < span.offset + span.length
  })
  if (item?.kind !== 'import' || offset <= item.path.span.offset) return undefined
  const { span } = item.path
  const range = analysis.placesOf(path).range({ offset: span.offset + 1, length: span.length - 2 })
  return workspace.beside(path).flatMap((file) => {
    const label = relative(dirname(path), file)
    if (resolveImport(label, path, root) !== file) return []
    return [{ label, kind: CompletionItemKind.File, textEdit: { range, newText: label } }]
  })
}
