import type { CstNode, IToken } from 'chevrotain'
import { grammar } from './grammar.ts'
import type { SyntaxMistake } from './recovery.ts'

/** What the grammar makes of tokens. */
export interface ParsedTokens {
  readonly tree: CstNode | undefined
  readonly mistakes: readonly SyntaxMistake[]
}

/** Parses tokens into a concrete syntax tree; parts that could not be read are missing from it. */
export function parseTokens(tokens: IToken[]): ParsedTokens {
  grammar.start(tokens)
  const tree: CstNode | undefined = grammar.file()
  const mistakes = grammar.errors.map((error) => ({
    expected: error.message.split('\n').filter((label) => label !== ''),
    found: error.token,
    rule: error.context.ruleStack.at(-1) ?? 'file',
  }))
  // The parser is kept; the text it read is not.
  grammar.start([])
  return { tree, mistakes }
}
