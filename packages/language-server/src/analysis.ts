import { type Checked, check, isSpan, type NamedSymbol, type Parsed, type Span } from '@mica/dsl'
import { Flows } from './flows.ts'
import { covers, Places } from './places.ts'

/** What a file holds: text from an editor, bytes from a disk. */
export type Contents = string | Uint8Array

/** How the files that a file imports are found. */
export interface Surroundings {
  readonly root?: string | undefined
  readonly read: (path: string) => Contents | undefined
}

/** A name in a text, and what it stands for. */
export interface NamedPlace {
  readonly span: Span
  readonly symbol: NamedSymbol
}

/**
 * What is known of one file: its check, with all that it imports. It never changes; when a file that it was made of
 * does, another takes its place.
 */
export class Analysis {
  readonly path: string
  /** The folder that imports must stay in; empty for a file that has none. */
  readonly root: string
  readonly checked: Checked
  /** Every file that was looked for, and what it held; nothing for one that is not there. */
  readonly #read = new Map<string, Contents | undefined>()
  #names: readonly NamedPlace[] | undefined
  #statements: ReadonlyMap<string, Flows> | undefined

  constructor(path: string, contents: Contents, { root, read }: Surroundings) {
    this.path = path
    this.root = root ?? ''
    this.#read.set(path, contents)
    this.checked = check(contents, {
      file: path,
      root,
      read: (imported) => {
        const found = read(imported)
        this.#read.set(imported, found)
        return found
      },
    })
  }

  /** Whether every file that it was made of still holds the same. */
  isCurrent(read: (path: string) => Contents | undefined): boolean {
    for (const [path, contents] of this.#read) if (!isSame(contents, read(path))) return false
    return true
  }

  /** The file itself and what it imports. */
  get files(): readonly string[] {
    return [...this.checked.parsed.keys()]
  }

  get text(): string {
    return this.textOf(this.path)
  }

  /** The file up to its meaning. */
  get parsed(): Parsed {
    return this.parsedOf(this.path)
  }

  /** The places of one of its files. */
  placesOf(path: string): Places {
    return new Places(this.parsedOf(path).source)
  }

  /** One of its files up to its meaning. */
  parsedOf(path: string): Parsed {
    // INVARIANT: every place that a check names is in one of the files that it read.
    return this.checked.parsed.get(path)!
  }

  textOf(path: string): string {
    return this.parsedOf(path).source.text
  }

  /** Every name in the file that something is declared by or that means something, in the order of the text. */
  get names(): readonly NamedPlace[] {
    this.#names ??= this.checked.symbols
      .flatMap((symbol) => [symbol.declaration, ...symbol.uses].map((span) => ({ span, symbol })))
      .filter(({ span }) => span.file === this.path)
      .sort((a, b) => a.span.offset - b.span.offset)
    return this.#names
  }

  /** The name at an offset. Between the parts of `s1_in` the part that begins there is meant. */
  nameAt(offset: number): NamedPlace | undefined {
    return this.names.findLast(({ span }) => covers(span, offset))
  }

  /** The flows of the workflow, or of each policy; none where an error leaves open what the file says. */
  get statements(): readonly Flows[] {
    return [...this.#flows().values()]
  }

  /** The flows of the workflow or policy that an offset lies in; of all, for what stands before them or in a pattern. */
  statementsAt(offset: number): readonly Flows[] {
    const body = this.parsed.file.items.find((item) => covers(item.span, offset))
    if (body?.kind !== 'policy') return this.statements
    const own = this.#flows().get(body.name.text)
    return own === undefined ? [] : [own]
  }

  /** Whether something of the model was written in this file, at an offset. */
  isHere(origin: unknown, offset: number): boolean {
    return isSpan(origin) && origin.file === this.path && origin.offset === offset
  }

  #flows(): ReadonlyMap<string, Flows> {
    if (this.#statements === undefined) {
      const { workflow, views } = this.checked.stated
      const stated = [...(workflow === undefined ? [] : [workflow]), ...views.map((view) => view.workflow)]
      this.#statements = new Map(stated.map((each) => [each.name, new Flows(each)]))
    }
    return this.#statements
  }

  /** The whole name that a part belongs to: `s1_in` for `s1`. */
  wholeName({ offset }: Span): string {
    const token = this.parsed.tokens.findLast(({ startOffset }) => startOffset <= offset)
    return token?.image ?? ''
  }
}

function isSame(a: Contents | undefined, b: Contents | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || typeof a === 'string' || typeof b === 'string') return false
  return Buffer.compare(a, b) === 0
}
