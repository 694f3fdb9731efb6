import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Publisher } from './publisher.ts'
import { answerRequests, CAPABILITIES } from './requests.ts'
import { pathOfUri } from './uris.ts'
import { Workspace } from './workspace.ts'

/** Serves an editor over a connection, until it closes. */
export function serve(connection: Connection): void {
  const documents = new TextDocuments(TextDocument)
  const workspace = new Workspace(documents)
  const publisher = new Publisher(connection, workspace)
  let watches = false

  connection.onInitialize((params): InitializeResult => {
    workspace.folders = foldersOf(params)
    watches = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    return {
      serverInfo: { name: 'mica-language-server' },
      capabilities: {
        positionEncoding: 'utf-16',
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...CAPABILITIES,
      },
    }
  })
  connection.onInitialized(() => {
    const watchers = [{ globPattern: '**/*.mica' }]
    if (watches) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers })
  })
  connection.onDidChangeWatchedFiles(() => publisher.changed())
  connection.onShutdown(() => publisher.stop())
  documents.onDidChangeContent(() => publisher.changed())
  documents.onDidClose(({ document }) => {
    workspace.forget(document.uri)
    publisher.closed(document.uri)
  })
  answerRequests(connection, workspace, documents)
  documents.listen(connection)
  connection.listen()
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : [])
  return uris.map(pathOfUri)
}
