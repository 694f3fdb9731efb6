import type { TokenType } from 'chevrotain'
import * as t from '../syntax/tokens.ts'
import { type Columns, join, split } from './cells.ts'
import { indentOf, type Line } from './lines.ts'
import { endsLine, isInline, type Piece } from './pieces.ts'

/** Longest line that an item with braces may have as one line. */
const LINE_WIDTH = 100

/** One mapping or rule, with the comments around it. */
interface Entry {
  readonly before: Piece[]
  readonly pieces: Piece[]
  readonly trailing: Piece[]
}

/** An item with braces, cut at them. Comments that cannot stand in a line are not in `header` and `suffix`. */
export interface Braced {
  /** `memory` or `transition`. */
  readonly keyword: TokenType
  readonly header: readonly Piece[]
  readonly body: readonly Piece[]
  readonly suffix: readonly Piece[]
  /** The comments at the end of its last line. */
  readonly trailing: string
}

/** The lines of a memory or a transition: one if it is short and has nothing to explain, else one for each entry. */
export function bracedLines({ keyword, header, body, suffix, trailing }: Braced, depth: number): Line[] {
  const isMemory = keyword === t.Memory
  const { opened, entries, dangling } = entriesOf(body, isMemory)
  const heads = isMemory ? split(header, (types) => [2, 3, types.length]) : [join(header)]
  const closing = suffix.length === 0 ? '}' : `} ${join(suffix)}`
  const line = (cells: readonly string[], indent: number, kind: string, end = ''): Line => {
    const gap = kind === 'entry' ? ' ' : '  '
    const columns: Columns = { cells, gap, ...(kind === 'Memory' ? { rightAligned: 2 } : {}) }
    return { indent, blankBefore: false, kind, columns, trailing: end }
  }

  const inside = entries.map(({ pieces }) => join(pieces)).join(', ')
  const short = [...heads, inside === '' ? `{${closing}` : `{ ${inside} ${closing}`]
  const width = indentOf(depth).length + short.reduce((sum, cell) => sum + cell.length + 2, -2)
  const fits = width <= LINE_WIDTH && (isMemory || entries.length < 2)
  if (fits && !body.some(({ type }) => type === undefined)) return [line(short, depth, keyword.name, trailing)]

  const comments = (pieces: readonly Piece[]): Line[] =>
    pieces.map(({ text, breaks }) => {
      const columns = { cells: [text], gap: '' }
      return { indent: depth + 1, blankBefore: breaks > 1, kind: undefined, columns, trailing: '' }
    })
  const head = [...heads.slice(0, -1), `${heads.at(-1) ?? ''} {`]
  const lines = [line(head, depth, keyword.name, opened.map(({ text }) => text).join(' '))]
  for (const [index, entry] of entries.entries()) {
    const hoisted = entry.pieces.filter((piece) => piece.type === undefined && !isInline(piece))
    const cells = cellsOf(entry, isMemory, isMemory && index < entries.length - 1)
    const end = entry.trailing.map(({ text }) => text).join(' ')
    const first = entry.pieces[0]!
    const own = { ...line(cells, depth + 1, 'entry', end), blankBefore: first.breaks > 1 }
    lines.push(...comments(entry.before), ...comments(hoisted), own)
  }
  lines.push(...comments(dangling))
  if (lines[1] !== undefined) lines[1].blankBefore = false
  return [...lines, line([closing], depth, 'closing', trailing)]
}

function cellsOf({ pieces }: Entry, isMemory: boolean, comma: boolean): readonly string[] {
  const kept = pieces.filter((piece) => piece.type !== undefined || isInline(piece))
  const cells = [...split(kept, isMemory ? mappingEnds : (types) => [1, types.length])]
  const last = cells.findLastIndex((cell) => cell !== '')
  if (comma) cells[last] += ','
  return cells
}

/** Holder, rights, address. */
function mappingEnds(types: readonly TokenType[]): readonly number[] {
  const holder = types.indexOf(t.Colon) + 1
  const at = types.indexOf(t.At, holder)
  return [holder, at < 0 ? types.length : at, types.length]
}

/** Cuts what stands between the braces; the comments of the opening brace's line and of no entry are apart. */
function entriesOf(
  body: readonly Piece[],
  isMemory: boolean,
): { readonly opened: Piece[]; readonly entries: Entry[]; readonly dangling: Piece[] } {
  const opened: Piece[] = []
  const entries: Entry[] = []
  let entry: Entry = { before: [], pieces: [], trailing: [] }
  let previousType: TokenType | undefined
  for (const piece of body) {
    const started = entry.pieces.length > 0
    if (piece.type === undefined && !started) {
      const previous = entries.at(-1)?.trailing ?? opened
      // What follows a comment in the same line ends that line, too.
      if (endsLine(piece) && entry.before.length === 0) previous.push(piece)
      else entry.before.push(piece)
      continue
    }
    const separates = isMemory && piece.type === t.Comma
    if (!separates) entry.pieces.push(piece)
    // A mapping ends at its comma, a rule with the action after the colon.
    const ends = isMemory ? separates : piece.type !== undefined && previousType === t.Colon
    previousType = piece.type ?? previousType
    if (!ends) continue
    entries.push(entry)
    entry = { before: [], pieces: [], trailing: [] }
  }
  if (entry.pieces.length === 0) return { opened, entries, dangling: entry.before }
  // Comments after the last mapping stand behind its last token, or below it.
  const last = entry.pieces.findLastIndex(({ type }) => type !== undefined)
  const after = entry.pieces.splice(last + 1)
  const onLine = after.findIndex((piece) => !endsLine(piece))
  entry.trailing.push(...after.splice(0, onLine < 0 ? after.length : onLine))
  return { opened, entries: [...entries, entry], dangling: after }
}
