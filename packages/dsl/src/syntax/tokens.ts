import { createToken, Lexer, type TokenType } from 'chevrotain'

/**
 * The tokens of a policy file.
 *
 * Reserved words are tokens of their own and never names. Words that mean something only in their place (`image`,
 * `reaches`, `KiB`) are of category {@link Name}, so that a peer may be called `image`.
 */
export const Name: TokenType = createToken({
  name: 'Name',
  label: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/,
})

const reservedTokens: TokenType[] = []
const reservedSet = new Set<string>()
const contextualTokens: TokenType[] = []

function reserved(word: string): TokenType {
  const token = createToken({ name: capitalised(word), label: `\`${word}\``, pattern: word, longer_alt: Name })
  reservedTokens.push(token)
  reservedSet.add(word)
  return token
}

function contextual(word: string): TokenType {
  const label = `\`${word}\``
  const token = createToken({ name: capitalised(word), label, pattern: word, longer_alt: Name, categories: [Name] })
  contextualTokens.push(token)
  return token
}

/** The name of a word's token: rules of the grammar begin with a small letter, and may not be called like a token. */
export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function punctuation(name: string, text: string): TokenType {
  return createToken({ name, label: `\`${text}\``, pattern: text })
}

export const Workflow: TokenType = reserved('workflow')
export const PolicyWord: TokenType = reserved('policy')
export const Import: TokenType = reserved('import')
export const Pattern: TokenType = reserved('pattern')
export const Use: TokenType = reserved('use')
export const Let: TokenType = reserved('let')
export const Version: TokenType = reserved('version')
export const Trusted: TokenType = reserved('trusted')
export const Gateway: TokenType = reserved('gateway')
export const Open: TokenType = reserved('open')
export const Peer: TokenType = reserved('peer')
export const Channel: TokenType = reserved('channel')
export const Memory: TokenType = reserved('memory')
export const Transition: TokenType = reserved('transition')
export const Assert: TokenType = reserved('assert')
export const Any: TokenType = reserved('any')
export const Each: TokenType = reserved('each')
export const Host: TokenType = reserved('host')
export const None: TokenType = reserved('none')
export const Acyclic: TokenType = reserved('acyclic')
export const Closed: TokenType = reserved('closed')
export const Isolated: TokenType = reserved('isolated')
export const Quiet: TokenType = reserved('quiet')
export const Read: TokenType = reserved('read')
export const Write: TokenType = reserved('write')
export const Execute: TokenType = reserved('execute')
export const Owner: TokenType = reserved('owner')
export const At: TokenType = reserved('at')
export const Paced: TokenType = reserved('paced')

export const Image: TokenType = contextual('image')
export const Rim: TokenType = contextual('rim')
export const Or: TokenType = contextual('or')
export const Label: TokenType = contextual('label')
export const Rpv: TokenType = contextual('rpv')
export const For: TokenType = contextual('for')
export const As: TokenType = contextual('as')
export const Never: TokenType = contextual('never')
export const Reaches: TokenType = contextual('reaches')
export const Only: TokenType = contextual('only')
export const Via: TokenType = contextual('via')
export const Except: TokenType = contextual('except')
export const From: TokenType = contextual('from')
export const Gateways: TokenType = contextual('gateways')
export const Leakers: TokenType = contextual('leakers')
export const Are: TokenType = contextual('are')
export const Assuming: TokenType = contextual('assuming')
export const Confined: TokenType = contextual('confined')

export const BothWays: TokenType = punctuation('BothWays', '<->')
export const OneWay: TokenType = punctuation('OneWay', '->')
export const LeftBrace: TokenType = punctuation('LeftBrace', '{')
export const RightBrace: TokenType = punctuation('RightBrace', '}')
export const LeftParen: TokenType = punctuation('LeftParen', '(')
export const RightParen: TokenType = punctuation('RightParen', ')')
export const Comma: TokenType = punctuation('Comma', ',')
export const Colon: TokenType = punctuation('Colon', ':')
export const Equals: TokenType = punctuation('Equals', '=')
export const Range: TokenType = punctuation('Range', '..')
export const Star: TokenType = punctuation('Star', '*')

/** A number is followed by no letter, except that of a unit: `64KiB` is two tokens, `64k` is a malformed one. */
export const NumberToken: TokenType = createToken({
  name: 'Number',
  label: 'a number',
  pattern: /(?:0x[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*|[0-9]+(?:_[0-9]+)*)(?![A-Za-z0-9_])/,
})
const NumberBeforeUnit = createToken({
  name: 'NumberBeforeUnit',
  label: 'a number',
  pattern: /[0-9]+(?:_[0-9]+)*(?=(?:B|KiB|MiB|GiB)(?![A-Za-z0-9_]))/,
  categories: [NumberToken],
})
export const MalformedNumber: TokenType = createToken({
  name: 'MalformedNumber',
  pattern: /[0-9][A-Za-z0-9_]*/,
  categories: [NumberToken],
})

export const StringToken: TokenType = createToken({
  name: 'String',
  label: 'a string',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/,
})
/** Takes the rest of the line: were it less, every quote in it would be tried again, in quadratic time. */
export const UnterminatedString: TokenType = createToken({
  name: 'UnterminatedString',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/,
  categories: [StringToken],
})

/** `sha256:` or `sha512:` and digits; how many is checked where the digest is read. */
export const Digest: TokenType = createToken({
  name: 'Digest',
  label: 'a digest',
  pattern: /sha(?:256|512):[0-9A-Za-z_]+/,
})
export const HexString: TokenType = createToken({
  name: 'HexString',
  label: '`hex:` and digits',
  pattern: /hex:[0-9A-Za-z_]+/,
})

/** Lexer group that keeps comments, in order; a doc comment belongs to the item after it. */
export const COMMENTS = 'comments'

export const DocComment: TokenType = createToken({
  name: 'DocComment',
  pattern: /\/\/\/(?!\/)[^\r\n]*/,
  group: COMMENTS,
})
const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\r\n]*/, group: COMMENTS })
const BlockComment = createToken({
  name: 'BlockComment',
  pattern: /\/\*[\s\S]*?\*\//,
  group: COMMENTS,
  line_breaks: true,
})
export const UnterminatedComment: TokenType = createToken({
  name: 'UnterminatedComment',
  pattern: /\/\*[\s\S]*/,
  group: COMMENTS,
  line_breaks: true,
})
const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\n\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true })

// The first word that fits is taken, and only a name may replace it: `as` must not shadow `assuming`.
const wordTokens = [...reservedTokens, ...contextualTokens].sort((a, b) => b.name.length - a.name.length)

/** In the order in which the lexer tries them. */
export const tokenTypes: TokenType[] = [
  Blank,
  DocComment,
  LineComment,
  BlockComment,
  UnterminatedComment,
  Digest,
  HexString,
  ...wordTokens,
  Name,
  NumberToken,
  NumberBeforeUnit,
  MalformedNumber,
  StringToken,
  UnterminatedString,
  BothWays,
  OneWay,
  LeftBrace,
  RightBrace,
  LeftParen,
  RightParen,
  Comma,
  Colon,
  Equals,
  Range,
  Star,
]

/** Words that begin what stands in no block. */
export const blockStarts: ReadonlySet<TokenType> = new Set([Workflow, PolicyWord, Import, Pattern])

/** Words that begin an item. Nothing else begins one, so the parser resumes at them after a mistake. */
export const itemStarts: ReadonlySet<TokenType> = new Set([
  Workflow,
  PolicyWord,
  Import,
  Pattern,
  Use,
  Let,
  Version,
  Trusted,
  Gateway,
  Open,
  Peer,
  Channel,
  Memory,
  Transition,
  Assert,
])

/** Every word of the language, as it is written. */
export const words: ReadonlySet<string> = new Set(wordTokens.map((token) => String(token.PATTERN)))

/** Words that cannot be names. */
export const reservedWords: ReadonlySet<string> = reservedSet

/** Built once: the analysis of the patterns costs milliseconds. */
export const lexer: Lexer = new Lexer(tokenTypes, { ensureOptimizations: true })
