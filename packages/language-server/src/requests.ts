import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionTriggerKind,
  type Connection,
  type Position,
  type ServerCapabilities,
} from 'vscode-languageserver'
import type { Analysis } from './analysis.ts'
import { codeActions } from './features/code-actions.ts'
import { completionsAt } from './features/completion.ts'
import { definitionAt } from './features/definition.ts'
import { documentSymbols } from './features/document-symbols.ts'
import { foldingRanges } from './features/folding.ts'
import { formattingEdits } from './features/formatting.ts'
import { graphAt } from './features/graph.ts'
import { hoverAt } from './features/hover.ts'
import { referencesAt } from './features/references.ts'
import { renameAt, renamedAt } from './features/rename.ts'
import { SEMANTIC_TOKENS, semanticTokens } from './features/semantic-tokens.ts'
import { GRAPH_REQUEST, type Graph } from './protocol.ts'
import type { OpenDocuments, Workspace } from './workspace.ts'

/** What the server answers, as it tells the editor at the beginning. */
export const CAPABILITIES: ServerCapabilities = {
  hoverProvider: true,
  // Every part of an item follows a blank; the name of a file a quote or a slash.
  completionProvider: { triggerCharacters: [' ', '"', '/'] },
  definitionProvider: true,
  referencesProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  documentSymbolProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  foldingRangeProvider: true,
  semanticTokensProvider: { legend: SEMANTIC_TOKENS, full: true },
}

interface Asked {
  readonly textDocument: { readonly uri: string }
}
interface AskedAt extends Asked {
  readonly position: Position
}

/** Answers every request about documents. One that is not open has no answer. */
export function answerRequests(connection: Connection, workspace: Workspace, documents: OpenDocuments): void {
  const uriOf = (path: string): string => workspace.uriOf(path)
  const of = <A>({ textDocument }: Asked, answer: (analysis: Analysis) => A): A | null => {
    const analysis = workspace.analysisOf(textDocument.uri)
    return analysis === undefined ? null : answer(analysis)
  }
  const at = <A>(asked: AskedAt, answer: (analysis: Analysis, offset: number) => A | undefined): A | null => {
    const offset = documents.get(asked.textDocument.uri)?.offsetAt(asked.position) ?? 0
    return of(asked, (analysis) => answer(analysis, offset)) ?? null
  }

  connection.onHover((asked) => at(asked, hoverAt))
  connection.onCompletion((asked): CompletionItem[] | null => {
    // The blanks that indent a line are no wish to be told what may begin there.
    const byCharacter = asked.context?.triggerKind === CompletionTriggerKind.TriggerCharacter
    return at(asked, (analysis, offset) => {
      return byCharacter && beginsLine(analysis.text, offset) ? [] : completionsAt(analysis, offset, workspace)
    })
  })
  connection.onDefinition((asked) => at(asked, (analysis, offset) => definitionAt(analysis, offset, uriOf)))
  connection.onReferences((asked) => {
    const how = { declaration: asked.context.includeDeclaration }
    return at(asked, (analysis, offset) => referencesAt(analysis, offset, workspace, how))
  })
  connection.onPrepareRename((asked) => at(asked, renamedAt))
  connection.onRenameRequest((asked) => {
    return at(asked, (analysis, offset) => renameAt(analysis, offset, asked.newName, workspace))
  })
  connection.onDocumentFormatting((asked) => of(asked, formattingEdits))
  connection.onDocumentSymbol((asked) => of(asked, documentSymbols))
  connection.onCodeAction((asked): CodeAction[] | null => {
    const { only } = asked.context
    const isWanted = only === undefined || only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)
    return of(asked, (analysis) => (isWanted ? codeActions(analysis, asked.range, uriOf) : []))
  })
  connection.onFoldingRanges((asked) => of(asked, foldingRanges))
  connection.languages.semanticTokens.on((asked) => of(asked, semanticTokens) ?? { data: [] })
  connection.onRequest(GRAPH_REQUEST, (asked: AskedAt): Graph | null => at(asked, graphAt))
}

function beginsLine(text: string, offset: number): boolean {
  const line = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
  return text.slice(line, offset).trim() === ''
}
