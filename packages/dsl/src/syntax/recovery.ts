import { CstParser, type IParserErrorMessageProvider, type IToken, type TokenType } from 'chevrotain'
import * as t from './tokens.ts'

/** Mistakes after which a file is not read further: each costs the parser much, and nobody reads more at once. */
const MISTAKE_LIMIT = 100

/** What was expected, one label a line: the sentence is made where all sentences are made. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => labelOf(expected),
  buildNotAllInputParsedMessage: () => 'the end of the file',
  buildNoViableAltMessage: ({ expectedPathsPerAlt }) => labelsOf(expectedPathsPerAlt.flat()),
  buildEarlyExitMessage: ({ expectedIterationPaths }) => labelsOf(expectedIterationPaths),
}

const labelOf = (token: TokenType | undefined): string => token?.LABEL ?? token?.name ?? ''

const labelsOf = (paths: readonly TokenType[][]): string =>
  [...new Set(paths.map((path) => labelOf(path[0])))].join('\n')

/** One mistake the parser saw, before it has words. */
export interface SyntaxMistake {
  /** Labels of the tokens that could have stood here. */
  readonly expected: readonly string[]
  readonly found: IToken
  /** The innermost rule that failed. */
  readonly rule: string
}

/**
 * A parser that goes on after a mistake, up to a number of them, and words none: its messages are lists of what could
 * have stood there.
 */
export class RecoveringParser extends CstParser {
  #mistakes = 0

  constructor() {
    const counted = <A extends unknown[]>(build: (...facts: A) => string) => {
      return (...facts: A): string => {
        this.#mistakes++
        if (this.#mistakes >= MISTAKE_LIMIT) this.#recover(false)
        return build(...facts)
      }
    }
    super(t.tokenTypes, {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: {
        buildMismatchTokenMessage: counted(expectations.buildMismatchTokenMessage),
        buildNotAllInputParsedMessage: counted(expectations.buildNotAllInputParsedMessage),
        buildNoViableAltMessage: counted(expectations.buildNoViableAltMessage),
        buildEarlyExitMessage: counted(expectations.buildEarlyExitMessage),
      },
    })
  }

  /** Takes new tokens, forgetting whatever the last file did. */
  start(tokens: IToken[]): void {
    this.#mistakes = 0
    this.#recover(true)
    this.input = tokens
  }

  // Without recovery the next mistake ends the parse, with the tree and the mistakes so far.
  #recover(enabled: boolean): void {
    Object.assign(this, { recoveryEnabled: enabled })
  }

  /** Punctuation and words may be imagined to go on after a mistake; a name or a number that nobody wrote may not. */
  protected override canTokenTypeBeInsertedInRecovery(token: TokenType): boolean {
    return ![t.Name, t.NumberToken, t.StringToken, t.Digest, t.HexString].includes(token) && !t.itemStarts.has(token)
  }

  /** A word of the language is never dropped: what stands after it belongs to it. */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return !t.reservedWords.has(this.LA(1).image)
  }
}
