import type { Connection } from 'vscode-languageserver'
import type { Analysis } from './analysis.ts'
import { diagnosticsOf } from './features/diagnostics.ts'
import type { Workspace } from './workspace.ts'

/** The longest that a change waits for the next one, in milliseconds. */
const LONGEST_DELAY = 300

/**
 * Tells the editor what is wrong with the documents that it has open.
 *
 * After a change it waits as long as the last check took, so that whoever types is answered at once where checks are
 * quick, and not disturbed where they are not.
 */
export class Publisher {
  readonly #connection: Pick<Connection, 'sendDiagnostics'>
  readonly #workspace: Workspace
  /** What the editor was told last of each document. */
  readonly #told = new Map<string, { readonly analysis: Analysis; readonly version: number }>()
  #timer: NodeJS.Timeout | undefined
  #delay = 0

  constructor(connection: Pick<Connection, 'sendDiagnostics'>, workspace: Workspace) {
    this.#connection = connection
    this.#workspace = workspace
  }

  /** Something changed: in a document, or in a file that one may import. */
  changed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#publish(), this.#delay)
  }

  /** A document is open no more: what is said of it is taken back. */
  closed(uri: string): void {
    this.#told.delete(uri)
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] })
    this.changed()
  }

  /** Nothing is said any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #publish(): void {
    const begun = performance.now()
    for (const { uri, version } of this.#workspace.open) {
      const analysis = this.#workspace.analysisOf(uri)
      const told = this.#told.get(uri)
      if (analysis === undefined || (told?.analysis === analysis && told.version === version)) continue
      this.#told.set(uri, { analysis, version })
      const diagnostics = diagnosticsOf(analysis, (path) => this.#workspace.uriOf(path))
      void this.#connection.sendDiagnostics({ uri, version, diagnostics })
    }
    this.#delay = Math.min(LONGEST_DELAY, performance.now() - begun)
  }
}
