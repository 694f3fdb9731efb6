import { type Dirent, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Project, projectOf } from '@mica/dsl/project'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { Analysis, type Contents } from './analysis.ts'
import { pathOfUri, uriOfPath } from './uris.ts'

/** The documents that the editor has open, with what is written in them. */
export interface OpenDocuments {
  get(uri: string): TextDocument | undefined
  all(): readonly TextDocument[]
}

/** Files and folders of a project that are looked through for uses of a name. */
const ENTRY_LIMIT = 20_000

/** Folders in which nobody writes policies. */
const PASSED_OVER = /^(?:node_modules|dist|out|\..*)$/

/**
 * The policy files that the server knows: open documents first, then the disk, as far as imports may go; and what is
 * known of each.
 */
export class Workspace {
  /** Absolute paths of the folders that the editor has open. */
  folders: readonly string[] = []
  readonly #documents: OpenDocuments
  readonly #analyses = new Map<string, Analysis>()

  constructor(documents: OpenDocuments) {
    this.#documents = documents
  }

  /** Documents that are open. */
  get open(): readonly TextDocument[] {
    return this.#documents.all()
  }

  /** What is known of an open document; `undefined` for one that is not open. */
  analysisOf(uri: string): Analysis | undefined {
    return this.#documents.get(uri) && this.analyse(pathOfUri(uri))
  }

  /** What is known of a file; `undefined` if it cannot be read. */
  analyse(path: string): Analysis | undefined {
    const { root, read } = this.#surroundings(path)
    const known = this.#analyses.get(path)
    if (known?.root === (root ?? '') && known.isCurrent(read)) return known
    const contents = read(path)
    if (contents === undefined) {
      this.#analyses.delete(path)
      return undefined
    }
    const analysis = new Analysis(path, contents, { root, read })
    this.#analyses.set(path, analysis)
    return analysis
  }

  /** The same file as it would be if some files held something else. */
  analyseWith(path: string, texts: ReadonlyMap<string, string>): Analysis | undefined {
    const { root, read } = this.#surroundings(path)
    const readChanged = (file: string): Contents | undefined => texts.get(file) ?? read(file)
    const contents = readChanged(path)
    return contents === undefined ? undefined : new Analysis(path, contents, { root, read: readChanged })
  }

  /** Forgets what is known of a document that is no longer open: it may not be needed again. */
  forget(uri: string): void {
    this.#analyses.delete(pathOfUri(uri))
  }

  /** The other policy files of a file's project, and those that are open. */
  beside(path: string): readonly string[] {
    const { root } = this.#surroundings(path)
    const others = new Set([...this.open.map(({ uri }) => pathOfUri(uri)), ...(root ? policyFiles(root) : [])])
    others.delete(path)
    return [...others]
  }

  /** What is known of every file of a file's project that brings that file, itself included. */
  bringing(path: string): readonly Analysis[] {
    const { read } = this.#surroundings(path)
    const importing = this.beside(path).filter((file) => mentionsImport(read(file)))
    return [path, ...importing].flatMap((file) => {
      const analysis = this.analyse(file)
      return analysis?.files.includes(path) ? [analysis] : []
    })
  }

  /** The URI of a file, as the editor writes it if it has it open. */
  uriOf(path: string): string {
    return this.#documentOf(path)?.uri ?? uriOfPath(path)
  }

  #documentOf(path: string): TextDocument | undefined {
    return this.#documents.get(uriOfPath(path)) ?? this.open.find(({ uri }) => pathOfUri(uri) === path)
  }

  /** Where a file's imports are found, and how. */
  #surroundings(path: string): { root: string | undefined; read: (path: string) => Contents | undefined } {
    const project: Project | undefined = path.startsWith('/') ? projectOf(path, this.#folderOf(path)) : undefined
    return {
      root: project?.root,
      read: (file) => this.#documentOf(file)?.getText() ?? project?.read(file),
    }
  }

  /** The folder of the editor that a file is in; its own if it is in none. */
  #folderOf(path: string): string {
    const around = this.folders.filter((folder) => path.startsWith(`${folder}/`))
    return around.sort((a, b) => b.length - a.length)[0] ?? dirname(path)
  }
}

function mentionsImport(contents: Contents | undefined): boolean {
  return contents !== undefined && (typeof contents === 'string' ? contents : Buffer.from(contents)).includes('import')
}

/** The policy files below a folder. */
function policyFiles(root: string): string[] {
  const found: string[] = []
  const folders = [root]
  let seen = 0
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      if (++seen > ENTRY_LIMIT) return found
      if (entry.isDirectory() && !PASSED_OVER.test(entry.name)) folders.push(join(folder, entry.name))
      if (entry.isFile() && entry.name.endsWith('.mica')) found.push(join(folder, entry.name))
    }
  }
  return found
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // Gone, or not ours to read.
    return []
  }
}
