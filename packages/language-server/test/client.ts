import { pathToFileURL } from 'node:url'
import {
  type ClientCapabilities,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Range,
  ShutdownRequest,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'

/** The side of an editor: speaks the protocol, and has the documents as it wrote them. */
export class Client {
  readonly connection: ProtocolConnection
  readonly #documents = new Map<string, TextDocument>()
  readonly #published: PublishDiagnosticsParams[] = []
  readonly #waiting: (() => void)[] = []

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.connection = createProtocolConnection(input, output)
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.#published.push(params)
      for (const wake of this.#waiting.splice(0)) wake()
    })
    this.connection.listen()
  }

  async initialize(folder: string | undefined, capabilities: ClientCapabilities = {}): Promise<InitializeResult> {
    const workspaceFolders = folder === undefined ? null : [{ uri: pathToFileURL(folder).href, name: 'project' }]
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: null,
      capabilities,
      workspaceFolders,
    })
    await this.connection.sendNotification(InitializedNotification.type, {})
    return result
  }

  /** Opens a document and waits for what is wrong with it. */
  async open(uri: string, text: string): Promise<PublishDiagnosticsParams> {
    const document = TextDocument.create(uri, 'mica', 1, text)
    this.#documents.set(uri, document)
    void this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'mica', version: 1, text },
    })
    return this.diagnostics(uri, 1)
  }

  /** Replaces a part of a document, without waiting. */
  edit(uri: string, range: Range, text: string): number {
    const document = this.document(uri)
    const version = document.version + 1
    const contentChanges = [{ range, text }]
    this.#documents.set(uri, TextDocument.update(document, contentChanges, version))
    void this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges,
    })
    return version
  }

  /** Replaces a part of a document and waits for what is wrong with it then. */
  async change(uri: string, range: Range, text: string): Promise<PublishDiagnosticsParams> {
    return this.diagnostics(uri, this.edit(uri, range, text))
  }

  close(uri: string): void {
    this.#documents.delete(uri)
    void this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } })
  }

  /** What is published of a version of a document; the next publication of any version if none is given. */
  async diagnostics(uri: string, version?: number): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const index = this.#published.findIndex((params) => {
        return params.uri === uri && (version === undefined || params.version === version)
      })
      if (index >= 0) return this.#published.splice(index, 1)[0]!
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  document(uri: string): TextDocument {
    return this.#documents.get(uri)!
  }

  text(uri: string): string {
    return this.document(uri).getText()
  }

  /** Where some text stands in a document, as whole words: its beginning, or so many characters after that. */
  at(uri: string, text: string, { plus = 0, nth = 0 } = {}): Position {
    const escaped = text.replace(/[^\w\s]/g, '\\$&')
    const whole = new RegExp(`${/^\w/.test(text) ? '\\b' : ''}${escaped}${/\w$/.test(text) ? '\\b' : ''}`, 'g')
    const found = [...this.text(uri).matchAll(whole)][nth]
    if (found === undefined) throw new Error(`${JSON.stringify(text)} is not in the document`)
    return this.document(uri).positionAt(found.index + plus)
  }

  range(uri: string, text: string): Range {
    return { start: this.at(uri, text), end: this.at(uri, text, { plus: text.length }) }
  }

  /** Ends a server that is a process of its own. */
  async exit(): Promise<void> {
    await this.connection.sendRequest(ShutdownRequest.type)
    await this.connection.sendNotification(ExitNotification.type)
  }
}
