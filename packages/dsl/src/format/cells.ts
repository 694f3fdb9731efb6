import type { TokenType } from 'chevrotain'
import * as t from '../syntax/tokens.ts'
import type { Piece } from './pieces.ts'

/** The parts of an item that stand below each other in a run of items of its kind. */
export interface Columns {
  readonly cells: readonly string[]
  /** What lies between two cells. */
  readonly gap: string
  /** The column whose cells end below each other. */
  readonly rightAligned?: number
}

/** The columns of an item that has no braces, by its first keyword that is not a modifier. */
export function columnsOf(pieces: readonly Piece[], indent: string): Columns {
  switch (keywordOf(pieces)) {
    case t.Let:
      return { cells: split(pieces, (types) => [2, types.length]), gap: ' ' }
    case t.Peer:
      return { cells: foldDigests(split(pieces, peerEnds), indent), gap: '  ' }
    case t.Channel:
      return { cells: split(pieces, channelEnds), gap: '  ', rightAligned: 2 }
    case t.Use:
      return { cells: split(pieces, (types) => [types.length - 2, types.length]), gap: '  ' }
    default:
      return { cells: [join(pieces)], gap: '  ' }
  }
}

/** The word that says what an item is. */
export function keywordOf(pieces: readonly Piece[]): TokenType | undefined {
  return pieces.find(({ type }) => type !== undefined && !MODIFIERS.has(type))?.type
}

/** Words that stand in front of `peer`. */
export const MODIFIERS: ReadonlySet<TokenType> = new Set([t.Trusted, t.Gateway, t.Open])

/** Pieces as one line, with the blanks of the canonical form. */
export function join(pieces: readonly Piece[]): string {
  let text = ''
  let before: Piece | undefined
  for (const piece of pieces) {
    if (before !== undefined && isApart(before, piece)) text += ' '
    text += piece.text
    before = piece
  }
  return text
}

function isApart(before: Piece, { type }: Piece): boolean {
  if (before.type === undefined || type === undefined) return true
  if (before.type === t.LeftParen || before.type === t.Range) return false
  if (type === t.RightParen || type === t.Comma || type === t.Colon || type === t.Range) return false
  return type !== t.LeftParen || before.type === t.OneWay || before.type === t.BothWays
}

/**
 * Pieces as cells. `ends` says how many tokens there are up to the end of each cell; a comment stays behind the token
 * before it.
 */
export function split(
  pieces: readonly Piece[],
  ends: (types: readonly TokenType[]) => readonly number[],
): readonly string[] {
  const bounds = ends(pieces.flatMap(({ type }) => type ?? []))
  const cells: Piece[][] = bounds.map(() => [])
  let count = 0
  let cell = 0
  for (const piece of pieces) {
    if (piece.type !== undefined) {
      count++
      while (count > bounds[cell]! && cell < bounds.length - 1) cell++
    }
    cells[cell]!.push(piece)
  }
  return cells.map(join)
}

/** Name, identity, personalization value. */
function peerEnds(types: readonly TokenType[]): readonly number[] {
  const named = types.indexOf(t.Peer) + 2
  const rpv = types.indexOf(t.Rpv, named)
  return [named, rpv < 0 ? types.length : rpv, types.length]
}

/** Name, ends, size, address, pace. */
function channelEnds(types: readonly TokenType[]): readonly number[] {
  const arrow = types.findIndex((type) => type === t.OneWay || type === t.BothWays)
  let end = arrow + 1
  if (types[end] === t.Each) end++
  if (types[end] === t.LeftParen || (types[end] === t.Any && types[end + 1] === t.LeftParen)) {
    end = closing(types, types.indexOf(t.LeftParen, end))
  }
  const at = types.indexOf(t.At, end)
  const paced = types.indexOf(t.Paced, end)
  const beforePaced = paced < 0 ? types.length : paced
  return [2, end + 1, at < 0 ? beforePaced : at, beforePaced, types.length]
}

/** Index of the parenthesis that closes the one at `open`. */
function closing(types: readonly TokenType[], open: number): number {
  let depth = 0
  for (let index = open; index < types.length; index++) {
    if (types[index] === t.LeftParen) depth++
    if (types[index] === t.RightParen && --depth === 0) return index
  }
  return types.length - 1
}

/** Digests are long: each after the first has a line of its own. */
function foldDigests([name = '', identity = '', rpv = '']: readonly string[], indent: string): readonly string[] {
  if (!identity.startsWith('rim ')) return [name, identity, rpv]
  return [name, identity.replaceAll(' or sha', `\n${indent}    or sha`), rpv]
}
