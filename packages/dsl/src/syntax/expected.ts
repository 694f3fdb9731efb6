import { createTokenInstance, type IToken, type TokenType } from 'chevrotain'
import { grammar } from './grammar.ts'
import type { Parsed, Token } from './parse.ts'
import * as t from './tokens.ts'

/** What a name stands for in the place where it is wanted; `new` for one that the author invents there. */
export type NameRole =
  | 'new'
  | 'peer'
  | 'node'
  | 'pattern'
  | 'argument'
  | 'size'
  | 'unit'
  | 'memory-kind'
  | 'transition-class'
  | 'transition-id'
  | 'transition-action'

/** Something that the grammar lets stand in a place. */
export type Expectation =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'name'; readonly role: NameRole }

/** What may stand in a place, and what the item that it is in says up to there. */
export interface Expected {
  readonly expectations: readonly Expectation[]
  /** The tokens of the item before the place; empty at the beginning of a file. */
  readonly item: readonly Token[]
  /** The place where the word begins that is being written; the place itself if there is none. */
  readonly start: number
}

/** Tokens of an unfinished item that are looked at: a longer one is not being written by hand. */
const ITEM_LIMIT = 1000

/** Characters before a place in which the beginning of its line is looked for. */
const LINE_LIMIT = 1000

/** Words that begin an item. */
const STARTERS: ReadonlySet<string> = new Set([...t.itemStarts].map(({ PATTERN }) => String(PATTERN)))

/** The marks that are offered: the others follow from what stands there. */
const ARROWS: readonly TokenType[] = [t.OneWay, t.BothWays]

const MODIFIERS: readonly (TokenType | undefined)[] = [t.Trusted, t.Gateway, t.Open]

const CONTAINERS: readonly (TokenType | undefined)[] = [t.Workflow, t.PolicyWord, t.Pattern]

/** What the grammar takes anywhere, so that its place can be explained. A pattern's `let` is rare enough to be typed. */
const ONLY_IN_BODIES: ReadonlySet<string> = new Set(['version', 'channel', 'memory', 'transition', 'assert', 'use'])
const NOT_IN_BODIES: ReadonlySet<string> = new Set(['workflow', 'policy', 'import', 'pattern', 'let'])

/** Names by the rule of the grammar that they stand in, in the order in which it has them. */
const ROLES: Readonly<Record<string, readonly NameRole[]>> = {
  workflow: ['new'],
  policyView: ['new', 'peer'],
  pattern: ['new', 'new'],
  letItem: ['new'],
  peerItem: ['new'],
  channelItem: ['new'],
  memoryItem: ['new', 'memory-kind'],
  useItem: ['pattern', 'new'],
  endpoint: ['peer'],
  mapping: ['peer'],
  transitionItem: ['peer'],
  transitionRule: ['transition-class', 'transition-action'],
  identifiers: ['transition-id'],
  value: ['unit', 'size'],
  node: ['node'],
}

/** Rules whose names are those of peers: a channel can be no gateway. */
const OF_PEERS: ReadonlySet<string> = new Set(['acyclic', 'members', 'quiet'])

/**
 * What may stand at an offset, as far as the item that it is in tells; mistakes elsewhere do not matter. Nothing may
 * inside a comment or a literal.
 */
export function expectedAt({ tokens, comments, source }: Parsed, offset: number): Expected {
  const after = tokens.findIndex(({ startOffset }) => startOffset >= offset)
  const before = after < 0 ? tokens : tokens.slice(0, after)
  const last = before.at(-1)
  const current = last !== undefined && offset <= last.startOffset + last.image.length ? last : undefined
  const isWord = current !== undefined && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(current.image)
  const inLiteral = current !== undefined && !isWord && /^["0-9A-Za-z_]/.test(current.image)
  const inComment = comments.some((comment) => comment.offset < offset && offset <= comment.end)
  if (inLiteral || inComment) return { expectations: [], item: [], start: offset }
  const start = isWord ? current.startOffset : offset
  const read = isWord ? before.slice(0, -1) : before
  const item = itemBefore(read)
  const place = {
    inBody: depthOf(read.slice(0, read.length - item.length)) > 0,
    beginsLine: /(?:^|[\r\n])[ \t]*$/.test(source.text.slice(Math.max(0, start - LINE_LIMIT), start)),
  }
  return { expectations: expectationsOf(item, place), item, start }
}

/** The last tokens that begin with the first word of an item. */
function itemBefore(tokens: readonly Token[]): readonly Token[] {
  let start = tokens.findLastIndex(({ tokenType }) => t.itemStarts.has(tokenType))
  while (MODIFIERS.includes(tokens[start - 1]?.tokenType)) start--
  return start < 0 ? [] : tokens.slice(start)
}

/** How many `{` are open. */
function depthOf(tokens: readonly Token[]): number {
  let depth = 0
  for (const { tokenType } of tokens) {
    if (tokenType === t.LeftBrace) depth++
    else if (tokenType === t.RightBrace) depth = Math.max(0, depth - 1)
  }
  return depth
}

interface Place {
  /** Whether the item stands in braces. */
  readonly inBody: boolean
  /** Whether nothing is before it in its line. */
  readonly beginsLine: boolean
}

function expectationsOf(item: readonly Token[], { inBody, beginsLine }: Place): readonly Expectation[] {
  if (item.length > ITEM_LIMIT) return []
  const inItem = inBody ? possibleAfter('body', item) : []
  // What ends with the `}` of the body stands before the next item of the file.
  const rule = inItem.length > 0 || (inBody && !endsWithBrace(item)) ? 'body' : 'file'
  const possible = inItem.length > 0 || rule === 'body' ? inItem : possibleAfter('file', inBody ? [] : item)
  // On a line of its own another item may begin, whatever is missing before it.
  const words = beginsLine ? possibleAfter(rule, []) : []
  const byText = new Map([...possible, ...words].map((expectation) => [JSON.stringify(expectation), expectation]))
  const opensBody = CONTAINERS.includes(item[0]?.tokenType) && item.some(isOpening)
  const misplaced = rule === 'body' || opensBody ? NOT_IN_BODIES : ONLY_IN_BODIES
  const begun = opensBody || endsWithBrace(item) || item.every(({ tokenType }) => MODIFIERS.includes(tokenType))
  return [...byText.values()].filter((one) => {
    if (one.kind === 'name') return true
    return !misplaced.has(one.word) && (begun || beginsLine || !STARTERS.has(one.word))
  })
}

const isOpening = ({ tokenType }: Token): boolean => tokenType === t.LeftBrace
const endsWithBrace = (item: readonly Token[]): boolean => item.at(-1)?.tokenType === t.RightBrace

function instance(type: TokenType, image: string): IToken {
  return createTokenInstance(type, image, 0, 0, 0, 0, 0, 0)
}

function possibleAfter(rule: 'body' | 'file', item: readonly Token[]): Expectation[] {
  const read = item.map(({ tokenType, image }) => instance(tokenType, image))
  const tokens = rule === 'body' ? [instance(t.LeftBrace, '{'), ...read] : read
  return grammar.computeContentAssist(rule, tokens).flatMap((path): Expectation[] => {
    const { nextTokenType: type, nextTokenOccurrence: occurrence, ruleStack } = path
    if (t.words.has(String(type.PATTERN)) || ARROWS.includes(type)) {
      return [{ kind: 'word', word: String(type.PATTERN) }]
    }
    const role = type === t.Name ? roleOf(ruleStack, occurrence) : undefined
    return role === undefined ? [] : [{ kind: 'name', role }]
  })
}

function roleOf(rules: readonly string[], occurrence: number): NameRole | undefined {
  const role = ROLES[rules.at(-1) ?? '']?.[occurrence]
  if (role === 'node' && rules.some((rule) => OF_PEERS.has(rule))) return 'peer'
  if (role === 'size' && rules.includes('argument')) return 'argument'
  return role
}
