import {
  itemStarts,
  LeftBrace,
  Memory,
  Pattern,
  Peer,
  PolicyWord,
  RightBrace,
  Transition,
  Workflow,
} from '../syntax/tokens.ts'
import { bracedLines } from './braced.ts'
import { columnsOf, join, keywordOf, MODIFIERS } from './cells.ts'
import { indentOf, type Line } from './lines.ts'
import { endsLine, isInline, type Piece } from './pieces.ts'

const BLOCKS = new Set([Workflow, PolicyWord, Pattern])

/** The lines of a text without syntax errors. */
export function layOut(pieces: readonly Piece[]): readonly Line[] {
  const walk = new Walk(pieces)
  walk.file()
  return walk.lines
}

/** Walks over the pieces of a text once, item by item. */
class Walk {
  readonly lines: Line[] = []
  readonly #pieces: readonly Piece[]
  #next = 0

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  /** Everything up to the end; blocks have an empty line around them. */
  file(): void {
    let afterBlock = false
    while (this.#next < this.#pieces.length) {
      const first = this.lines.length
      this.#comments(0)
      const piece = this.#pieces[this.#next]
      if (piece?.type === undefined) return
      const isBlock = BLOCKS.has(piece.type)
      if (isBlock) this.#block()
      else this.#item(0)
      const line = this.lines[first]
      if (line !== undefined && first > 0 && (isBlock || afterBlock)) line.blankBefore = true
      afterBlock = isBlock
    }
  }

  /** Comments that stand before something, each in a line of its own. */
  #comments(depth: number): void {
    for (let piece = this.#pieces[this.#next]; piece?.type === undefined; piece = this.#pieces[++this.#next]) {
      if (piece === undefined) return
      this.lines.push(commentLine(piece.text, depth, piece.breaks > 1 && this.lines.length > 0))
    }
  }

  #block(): void {
    const header = this.#take((type) => type === LeftBrace)
    this.#hoist(header, 0)
    const text = join(header.filter(staysInLine))
    const trailing = this.#trailing()
    const opened = this.lines.length
    this.lines.push({ ...row(text, 0), trailing })
    this.#comments(1)
    while (this.#pieces[this.#next]?.type !== RightBrace) {
      this.#item(1)
      this.#comments(1)
    }
    this.#next++
    const inner = this.lines[opened + 1]
    if (inner !== undefined) inner.blankBefore = false
    const closing = this.#trailing()
    if (inner === undefined && trailing === '') this.lines[opened] = { ...row(`${text}}`, 0), trailing: closing }
    else this.lines.push({ ...row('}', 0), trailing: closing })
  }

  #item(depth: number): void {
    const pieces = this.#itemPieces()
    const keyword = keywordOf(pieces)
    if (keyword === Memory || keyword === Transition) {
      const opening = pieces.findIndex(({ type }) => type === LeftBrace)
      const closing = pieces.findLastIndex(({ type }) => type === RightBrace)
      const outside = [pieces.slice(0, opening), pieces.slice(closing + 1)]
      const blankBefore = this.#hoist(outside.flat(), depth)
      const [header = [], suffix = []] = outside.map((part) => part.filter(staysInLine))
      const body = pieces.slice(opening + 1, closing)
      const [first, ...rest] = bracedLines({ keyword, header, body, suffix, trailing: this.#trailing() }, depth)
      if (first !== undefined) this.lines.push({ ...first, blankBefore }, ...rest)
      return
    }
    const blankBefore = this.#hoist(pieces, depth)
    const columns = columnsOf(pieces.filter(staysInLine), indentOf(depth))
    this.lines.push({ indent: depth, blankBefore, kind: keyword?.name, columns, trailing: this.#trailing() })
  }

  /**
   * Puts what cannot stay inside a line before it. It documents nothing there, so it is no doc comment any more.
   *
   * @returns Whether the line itself has an empty line before it.
   */
  #hoist(pieces: readonly Piece[], depth: number): boolean {
    let blankBefore = pieces[0]!.breaks > 1 && this.lines.length > 0
    for (const piece of pieces) {
      if (staysInLine(piece)) continue
      const text = piece.doc ? piece.text.slice(1) : piece.text
      this.lines.push(commentLine(text, depth, blankBefore))
      blankBefore = false
    }
    return blankBefore
  }

  /** The pieces of one item: up to its last token. */
  #itemPieces(): readonly Piece[] {
    const start = this.#next
    let end = start + 1
    let depth = 0
    let inModifiers = MODIFIERS.has(this.#pieces[start]!.type!)
    for (let index = start + 1; index < this.#pieces.length; index++) {
      const { type } = this.#pieces[index]!
      if (type === undefined) continue
      if (depth === 0 && type === RightBrace) break
      if (depth === 0 && itemStarts.has(type) && !inModifiers) break
      if (type === Peer) inModifiers = false
      if (type === LeftBrace) depth++
      if (type === RightBrace) depth--
      end = index + 1
    }
    this.#next = end
    return this.#pieces.slice(start, end)
  }

  #take(isLast: (type: Piece['type']) => boolean): readonly Piece[] {
    const start = this.#next
    while (!isLast(this.#pieces[this.#next]!.type)) this.#next++
    this.#next++
    return this.#pieces.slice(start, this.#next)
  }

  /** The comments that end the line of what was taken last. */
  #trailing(): string {
    const texts: string[] = []
    for (let piece = this.#pieces[this.#next]; piece !== undefined && endsLine(piece); ) {
      texts.push(piece.text)
      piece = this.#pieces[++this.#next]
    }
    return texts.join(' ')
  }
}

const staysInLine = (piece: Piece): boolean => piece.type !== undefined || isInline(piece)

function row(text: string, indent: number): Omit<Line, 'trailing'> {
  return { indent, blankBefore: false, kind: 'block', columns: { cells: [text], gap: '' } }
}

function commentLine(text: string, indent: number, blankBefore: boolean): Line {
  return { indent, blankBefore, kind: undefined, columns: { cells: [text], gap: '' }, trailing: '' }
}
