import type { TokenType } from 'chevrotain'
import type { Diagnostic, Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { SourceFile } from './ast.ts'
import { buildAst } from './build-ast.ts'
import type { Comment } from './comments.ts'
import { nearest } from './literals.ts'
import { parseTokens } from './parse-tokens.ts'
import type { SyntaxMistake } from './recovery.ts'
import { SourceText } from './span.ts'
import {
  blockStarts,
  COMMENTS,
  DocComment,
  itemStarts,
  lexer,
  RightBrace,
  reservedWords,
  UnterminatedComment,
  UnterminatedString,
  words,
} from './tokens.ts'

type Tokens = ReturnType<typeof lexer.tokenize>['tokens']

/** One word, number or mark of a text. */
export interface Token {
  readonly image: string
  readonly startOffset: number
  readonly tokenType: TokenType
}

/** Longest text that is read, in UTF-16 units: fifty times a workflow of ten thousand channels. */
const SOURCE_LIMIT = 4 * 1024 * 1024

/** Stray characters that are reported one by one. */
const CHARACTER_LIMIT = 100

/** A file as the parser leaves it. `source` is the text that the spans count in. */
export interface Parsed {
  readonly source: SourceText
  readonly file: SourceFile
  readonly comments: readonly Comment[]
  /** What the text is made of, comments apart. */
  readonly tokens: readonly Token[]
  readonly diagnostics: readonly Diagnostic[]
  /** Whether every block begins and ends where it seems to: if not, where an item stands says nothing. */
  readonly intact: boolean
}

/**
 * Reads a policy file up to its meaning: tokens, grammar, literals.
 *
 * @param input The text, or its bytes if it may not be UTF-8. Any text gives a tree, however incomplete.
 */
export function parse(input: string | Uint8Array, options: { readonly file: string }): Parsed {
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  const source = new SourceText(options.file, text)
  const diagnostics: Diagnostic[] = []
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic)
  const nothing = (): Parsed => ({ source, file: { items: [] }, comments: [], tokens: [], diagnostics, intact: false })

  if (text.length > SOURCE_LIMIT) {
    report(messages.fileTooLarge({ bytes: text.length, limit: SOURCE_LIMIT }, source.span(0, 0)))
    return nothing()
  }
  const broken = firstBroken(input, text)
  if (broken !== -1) {
    report(messages.notUtf8(source.span(broken, broken + 1)))
    return nothing()
  }

  const { tokens, groups, errors } = lexer.tokenize(text)
  for (const { offset, length } of errors.slice(0, CHARACTER_LIMIT)) {
    report(
      messages.unexpectedCharacter({ text: text.slice(offset, offset + length) }, source.span(offset, offset + length)),
    )
  }
  for (const token of tokens) {
    if (token.tokenType !== UnterminatedString) continue
    report(messages.unterminatedString(source.span(token.startOffset, token.startOffset + token.image.length)))
  }
  const commentTokens: Tokens = groups[COMMENTS] ?? []
  for (const token of commentTokens) {
    // The comment covers the rest of the file; its beginning is what the author has to find.
    if (token.tokenType !== UnterminatedComment) continue
    report(messages.unterminatedComment(source.span(token.startOffset, token.startOffset + 2)))
  }
  const comments = commentTokens.map((token) => ({
    offset: token.startOffset,
    end: token.startOffset + token.image.length,
    text: token.image,
    doc: token.tokenType === DocComment,
  }))

  const { tree, mistakes } = parseTokens(tokens)
  for (const mistake of firstOfEachItem(mistakes, tokens)) report(describeMistake(mistake, tokens, source))
  const file = tree === undefined ? { items: [] } : buildAst(tree, source, comments, report)
  return { source, file, comments, tokens, diagnostics, intact: !mistakes.some(breaksBlocks) }
}

/** Where the text stops being Unicode, or -1. Bytes that were not UTF-8 are replacement characters by now. */
function firstBroken(input: string | Uint8Array, text: string): number {
  if (typeof input === 'string') return text.search(/\p{Cs}/u)
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(input)
    return -1
  } catch {
    return Math.max(0, text.indexOf('\uFFFD'))
  }
}

/**
 * Drops what follows from an earlier mistake: the first mistake of an item is one, later ones are mostly echoes.
 *
 * A mistake belongs to the item that the token before it belongs to, since that is what is incomplete.
 */
function firstOfEachItem(mistakes: readonly SyntaxMistake[], tokens: Tokens): SyntaxMistake[] {
  const itemOf = new Int32Array(tokens.length)
  let item = 0
  for (let index = 1; index < tokens.length; index++) {
    const starts = itemStarts.has(tokens[index]!.tokenType)
    if (starts && !itemStarts.has(tokens[index - 1]!.tokenType)) item++
    itemOf[index] = item
  }
  const seen = new Set<number>()
  return mistakes.filter((mistake, index) => {
    // The end of a block whose beginning was none.
    if (
      mistake.rule === 'file' &&
      mistake.found.tokenType === RightBrace &&
      mistakes.slice(0, index).some(breaksBlocks)
    ) {
      return false
    }
    const owner = itemOf[Math.max(0, indexOfToken(tokens, mistake.found.startOffset) - 1)] ?? item
    if (seen.has(owner)) return false
    seen.add(owner)
    return true
  })
}

/** Index of the first token at or after `offset`; the number of tokens for the end of the file. */
function indexOfToken(tokens: Tokens, offset: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (Number.isNaN(offset) || tokens[middle]!.startOffset < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a mistake is at the beginning of a block, or puts into one what ends it. */
function breaksBlocks({ rule, found }: SyntaxMistake): boolean {
  if (rule === 'body') return found.tokenType === RightBrace || blockStarts.has(found.tokenType)
  return BLOCK_RULES.has(rule)
}

const BLOCK_RULES: ReadonlySet<string> = new Set(['file', 'workflow', 'policyView', 'pattern'])

function describeMistake(mistake: SyntaxMistake, tokens: Tokens, source: SourceText): Diagnostic {
  const { found, expected, rule } = mistake
  const atEnd = Number.isNaN(found.startOffset)
  const start = atEnd ? (tokens.at(-1)?.endOffset ?? -1) + 1 : found.startOffset
  const span = source.span(start, atEnd ? start : start + found.image.length)
  // Between items anything optional of the item before may have been meant, too.
  const possible = rule === 'body' || rule === 'file' ? words : expected.map((label) => label.replaceAll('`', ''))
  const reserved = reservedWords.has(found.image)
  const near =
    /^[A-Za-z]/.test(found.image) && !reserved
      ? nearest(
          found.image,
          [...possible].filter((word) => words.has(word)),
        )
      : undefined
  return messages.unexpectedToken({ found: atEnd ? '' : found.image, expected, rule, near, reserved }, span)
}
