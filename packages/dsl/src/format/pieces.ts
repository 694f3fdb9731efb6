import type { TokenType } from 'chevrotain'
import type { Parsed } from '../syntax/parse.ts'

/** A token or a comment, with the room that was before it. */
export interface Piece {
  readonly text: string
  /** `undefined` for a comment. */
  readonly type: TokenType | undefined
  /** Whether it is a `///`, which belongs to what stands after it. */
  readonly doc: boolean
  /** Line breaks between the piece before and this one. */
  readonly breaks: number
}

/** Everything that a text says, in order. */
export function piecesOf({ source, tokens, comments }: Parsed): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  const add = (offset: number, image: string, type: TokenType | undefined, doc: boolean): void => {
    const breaks = source.text.slice(end, offset).match(/\r\n|\r|\n/g)?.length ?? 0
    const text = type === undefined ? image.replace(/[ \t]*(?:\r\n|\r|\n)/g, '\n').trimEnd() : image
    pieces.push({ text, type, doc, breaks })
    end = offset + image.length
  }
  let next = 0
  for (const { startOffset, image, tokenType } of tokens) {
    for (let comment = comments[next]; comment !== undefined && comment.offset < startOffset; ) {
      add(comment.offset, comment.text, undefined, comment.doc)
      comment = comments[++next]
    }
    add(startOffset, image, tokenType, false)
  }
  for (const comment of comments.slice(next)) add(comment.offset, comment.text, undefined, comment.doc)
  return pieces
}

/** Whether a comment may stand between the tokens of a line: it ends, and in that line. */
export function isInline({ type, text }: Piece): boolean {
  return type === undefined && text.startsWith('/*') && !text.includes('\n')
}

/** Whether a piece is a comment that ends the line of the piece before it. */
export function endsLine(piece: Piece): boolean {
  return piece.type === undefined && piece.breaks === 0 && !piece.doc && !piece.text.includes('\n')
}
