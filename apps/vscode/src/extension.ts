import { GRAPH_REQUEST, type Graph } from '@mica/language-server/protocol'
import { commands, type ExtensionContext, ViewColumn, window, workspace } from 'vscode'
import { LanguageClient, type LanguageClientOptions, TransportKind } from 'vscode-languageclient/node'
import { serverFor } from './server-path.ts'

let client: LanguageClient | undefined

/** Starts the language server, and answers the commands. */
export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand('mica.showGraph', showGraph),
    commands.registerCommand('mica.restartServer', () => client?.restart()),
  )
  const server = ownServer() ?? serverFor(context.extensionPath)
  if (server === undefined) {
    void window.showErrorMessage('Mica: there is no language server; install @mica/language-server')
    return
  }
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: 'file', language: 'mica' },
      { scheme: 'untitled', language: 'mica' },
    ],
  }
  client = new LanguageClient('mica', 'Mica', { module: server, transport: TransportKind.stdio }, options)
  await client.start()
}

/** Stops the language server. */
export async function deactivate(): Promise<void> {
  await client?.stop()
}

/** The server that the project has installed: it speaks the project's version of the language. */
function ownServer(): string | undefined {
  // What a workspace brings is run only if its user trusts it.
  if (!workspace.isTrusted) return undefined
  const found = workspace.workspaceFolders?.map(({ uri }) => serverFor(uri.fsPath))
  return found?.find((server) => server !== undefined)
}

/** Shows the flows of the workflow in the editor, beside it. */
async function showGraph(): Promise<void> {
  const editor = window.activeTextEditor
  if (client === undefined || editor?.document.languageId !== 'mica') return
  const graph = await client.sendRequest<Graph | null>(GRAPH_REQUEST, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document),
    position: client.code2ProtocolConverter.asPosition(editor.selection.active),
  })
  if (graph === null) {
    void window.showInformationMessage('Mica: the file has errors, so there is no graph')
    return
  }
  const content = `# ${graph.title}\n\n\`\`\`mermaid\n${graph.mermaid}\`\`\`\n`
  const document = await workspace.openTextDocument({ language: 'markdown', content })
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true })
}
