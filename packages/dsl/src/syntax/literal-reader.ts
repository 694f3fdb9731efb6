import type { CstNode, IToken } from 'chevrotain'
import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type * as ast from './ast.ts'
import { token } from './cst.ts'
import { readHex, readNumber, readString } from './literals.ts'
import type { SourceText, Span } from './span.ts'
import { MalformedNumber, UnterminatedString } from './tokens.ts'

/** Bytes of a realm personalization value. */
const RPV_LENGTH = 64

/** Reads what single tokens say, and where they stand; what is malformed is reported and left out. */
export class LiteralReader {
  readonly #source: SourceText
  readonly #report: Report

  constructor(source: SourceText, report: Report) {
    this.#source = source
    this.#report = report
  }

  digest(digest: IToken): ast.DigestLiteral[] {
    const span = this.tokenSpan(digest)
    const [algorithm = '', digits = ''] = digest.image.split(':')
    const expected = algorithm === 'sha256' ? 64 : 128
    const bytes = digits.length === expected ? readHex(digits) : undefined
    if (bytes !== undefined) return [{ bytes, span }]
    this.#report(messages.malformedDigest({ algorithm, expected, found: digits.length }, span))
    return []
  }

  rpv(node: CstNode | undefined): ast.PeerItem['rpv'] {
    const hex = token(node, 'HexString')
    const text = token(node, 'String')
    const written = hex ?? text
    if (written === undefined) return undefined
    const span = this.tokenSpan(written)
    let bytes: Uint8Array | undefined
    if (hex !== undefined) {
      bytes = readHex(hex.image.slice('hex:'.length))
      if (bytes === undefined) this.#report(messages.malformedHex(span))
    } else if (text !== undefined) {
      const value = this.string(text)
      bytes = value === undefined ? undefined : new TextEncoder().encode(value)
    }
    if (bytes === undefined) return undefined
    if (bytes.length > RPV_LENGTH) {
      this.#report(messages.rpvTooLong({ length: bytes.length, limit: RPV_LENGTH }, span))
      return undefined
    }
    const padded = new Uint8Array(RPV_LENGTH)
    padded.set(bytes)
    return { bytes: padded, span }
  }

  value(node: CstNode | undefined): ast.Value | undefined {
    const written = token(node, 'Number')
    const name = this.identifier(token(node, 'Name'))
    if (node === undefined) return undefined
    if (written === undefined) return name && { kind: 'name', name, span: name.span }
    const number = this.number(written)
    return number === undefined ? undefined : { kind: 'number', number, unit: name, span: this.nodeSpan(node) }
  }

  number(written: IToken): number | undefined {
    const span = this.tokenSpan(written)
    const number = written.tokenType === MalformedNumber ? undefined : readNumber(written.image)
    if (typeof number === 'number') return number
    this.#report(
      number === 'huge' ? messages.numberTooLarge(span) : messages.malformedNumber({ text: written.image }, span),
    )
    return undefined
  }

  string(written: IToken): string | undefined {
    if (written.tokenType === UnterminatedString) return undefined
    const text = readString(written.image)
    if (text === undefined) this.#report(messages.unknownEscape(this.tokenSpan(written)))
    return text
  }

  identifier(written: IToken | undefined): ast.Identifier | undefined {
    return written && { text: written.image, span: this.tokenSpan(written) }
  }

  tokenSpan(written: IToken): Span {
    return this.#source.span(written.startOffset, (written.endOffset ?? written.startOffset) + 1)
  }

  // Offsets are inclusive; a node that recovery left empty has none.
  nodeSpan(node: CstNode): Span {
    const start = node.location?.startOffset ?? Number.NaN
    const end = node.location?.endOffset ?? Number.NaN
    return Number.isNaN(start) || Number.isNaN(end) ? this.#source.span(0, 0) : this.#source.span(start, end + 1)
  }
}
