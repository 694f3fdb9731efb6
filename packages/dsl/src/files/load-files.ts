import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { ImportItem } from '../syntax/ast.ts'
import { type Parsed, parse } from '../syntax/parse.ts'
import type { Span } from '../syntax/span.ts'
import { normalize, resolveImport } from './paths.ts'

/** Files that one file may bring, itself included. */
const FILE_LIMIT = 256

/** Length of all of them together, in characters or bytes: four times the longest file. */
const TOTAL_LIMIT = 16 * 1024 * 1024

export interface ImportOptions {
  /** Name of the file, as it is to stand in diagnostics: a path with `/`. */
  readonly file: string
  /** Folder that imports must stay in, in the form of `file`; where relative paths start if it is not given. */
  readonly root?: string | undefined
  /** The contents of an imported file, by its path in the form of `file`; nothing if there is none. */
  readonly read?: ((path: string) => Uint8Array | string | undefined) | undefined
}

/** A file with everything that it imports: each file once, after those that it imports, the file itself last. */
export function loadFiles(input: string | Uint8Array, options: ImportOptions, report: Report): readonly Parsed[] {
  return new Loading(options, report).load(parse(input, options))
}

class Loading {
  readonly #options: ImportOptions
  readonly #report: Report
  readonly #loaded = new Set<string>()
  /** The files that are being read, each imported by the one before it, and where it is. */
  readonly #open = new Map<string, Span | undefined>()
  readonly #files: Parsed[] = []
  #length = 0

  constructor(options: ImportOptions, report: Report) {
    this.#options = options
    this.#report = report
  }

  load(main: Parsed): readonly Parsed[] {
    this.#follow(main, normalize(main.source.file, main.source.file.startsWith('/')), undefined)
    return this.#files
  }

  #follow(parsed: Parsed, path: string, importedAt: Span | undefined): void {
    for (const diagnostic of parsed.diagnostics) this.#report(diagnostic)
    this.#open.set(path, importedAt)
    this.#loaded.add(path)
    for (const item of parsed.file.items) if (item.kind === 'import') this.#import(item, parsed.source.file)
    this.#open.delete(path)
    this.#files.push(parsed)
  }

  #import({ path: { text, span } }: ImportItem, importer: string): void {
    const path = resolveImport(text, importer, this.#options.root ?? '')
    if (path === undefined) this.#report(messages.importOutside({ path: text }, span))
    else if (this.#open.has(path)) this.#reportCycle(path, span)
    else if (!this.#loaded.has(path)) this.#read(path, span)
  }

  #read(path: string, span: Span): void {
    const contents = this.#loaded.size < FILE_LIMIT ? this.#options.read?.(path) : undefined
    this.#length += contents?.length ?? 0
    if (this.#loaded.size >= FILE_LIMIT) this.#report(messages.tooManyFiles({ limit: FILE_LIMIT, what: 'files' }, span))
    else if (contents === undefined) this.#report(messages.importUnreadable({ path }, span))
    else if (this.#length <= TOTAL_LIMIT) this.#follow(parse(contents, { file: path }), path, span)
    else this.#report(messages.tooManyFiles({ limit: TOTAL_LIMIT, what: 'characters' }, span))
  }

  #reportCycle(path: string, span: Span): void {
    const open = [...this.#open]
    const way = open.slice(open.findIndex(([file]) => file === path) + 1)
    const chain = way.flatMap(([file, at]) => (at === undefined ? [] : [{ file, at }]))
    this.#report(messages.importCycle({ path, chain }, span))
  }
}
