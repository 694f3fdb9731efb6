import { type SymbolKind, type Token, words } from '@mica/dsl'
import {
  SemanticTokenModifiers,
  type SemanticTokens,
  SemanticTokensBuilder,
  type SemanticTokensLegend,
  SemanticTokenTypes,
} from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import { allItems } from '../items.ts'

/** One coloured part of a text. */
interface Part {
  readonly offset: number
  readonly length: number
  readonly type: SemanticTokenTypes
  readonly modifiers: number
}

const TYPES = [
  SemanticTokenTypes.keyword,
  SemanticTokenTypes.comment,
  SemanticTokenTypes.string,
  SemanticTokenTypes.number,
  SemanticTokenTypes.operator,
  SemanticTokenTypes.namespace,
  SemanticTokenTypes.class,
  SemanticTokenTypes.interface,
  SemanticTokenTypes.struct,
  SemanticTokenTypes.function,
  SemanticTokenTypes.parameter,
  SemanticTokenTypes.variable,
  SemanticTokenTypes.enumMember,
]

const DECLARATION = 1
const READONLY = 2
const DOCUMENTATION = 4

/** The types and modifiers that the numbers of the tokens stand for. */
export const SEMANTIC_TOKENS: SemanticTokensLegend = {
  tokenTypes: TYPES,
  tokenModifiers: [
    SemanticTokenModifiers.declaration,
    SemanticTokenModifiers.readonly,
    SemanticTokenModifiers.documentation,
  ],
}

const TYPE_OF_SYMBOL: Readonly<Record<SymbolKind, SemanticTokenTypes>> = {
  workflow: SemanticTokenTypes.namespace,
  policy: SemanticTokenTypes.namespace,
  pattern: SemanticTokenTypes.function,
  parameter: SemanticTokenTypes.parameter,
  constant: SemanticTokenTypes.variable,
  peer: SemanticTokenTypes.class,
  channel: SemanticTokenTypes.interface,
  memory: SemanticTokenTypes.struct,
  instance: SemanticTokenTypes.namespace,
}

/** What every part of a file is, for colours: names by what they stand for, words only where they are words. */
export function semanticTokens(analysis: Analysis): SemanticTokens {
  const places = analysis.placesOf(analysis.path)
  const builder = new SemanticTokensBuilder()
  for (const part of partsOf(analysis).sort((a, b) => a.offset - b.offset)) {
    for (const { offset, length } of linesOf(part, analysis.text)) {
      const { line, character } = places.position(offset)
      builder.push(line, character, length, TYPES.indexOf(part.type), part.modifiers)
    }
  }
  return builder.build()
}

function partsOf(analysis: Analysis): Part[] {
  const { tokens, comments } = analysis.parsed
  const names = analysis.names.map(({ span, symbol }): Part => {
    const declaration = span.offset === symbol.declaration.offset && span.file === symbol.declaration.file
    const modifiers = (declaration ? DECLARATION : 0) | (symbol.kind === 'constant' ? READONLY : 0)
    return { offset: span.offset, length: span.length, type: TYPE_OF_SYMBOL[symbol.kind], modifiers }
  })
  const named = new Set(names.map(({ offset }) => offset))
  const placed = placedWords(analysis)
  const others = tokens.flatMap((token): Part[] => {
    const { startOffset: offset, image } = token
    const type = named.has(offset) ? undefined : (placed.get(offset) ?? typeOf(token))
    return type === undefined ? [] : [{ offset, length: image.length, type, modifiers: 0 }]
  })
  const remarks = comments.map(({ offset, end, doc }): Part => {
    return { offset, length: end - offset, type: SemanticTokenTypes.comment, modifiers: doc ? DOCUMENTATION : 0 }
  })
  return [...names, ...others, ...remarks]
}

/** The type of a token that no symbol is named by. */
function typeOf({ image }: Token): SemanticTokenTypes | undefined {
  if (words.has(image)) return SemanticTokenTypes.keyword
  if (/^(?:"|sha\d+:|hex:)/.test(image)) return SemanticTokenTypes.string
  if (/^\d/.test(image)) return SemanticTokenTypes.number
  return /^(?:->|<->|\.\.|\*|=)$/.test(image) ? SemanticTokenTypes.operator : undefined
}

/** Words that are no names of the author's and no words of the grammar: what they are follows from their place. */
function placedWords({ parsed }: Analysis): ReadonlyMap<number, SemanticTokenTypes> {
  const placed = new Map<number, SemanticTokenTypes>()
  const keyword = ({ span }: { readonly span: { readonly offset: number } }): void => {
    placed.set(span.offset, SemanticTokenTypes.keyword)
  }
  for (const item of allItems(parsed.file)) {
    if (item.kind === 'memory') keyword(item.memoryKind)
    const values = 'size' in item ? [item.size] : 'value' in item ? [item.value] : item.kind === 'use' ? item.args : []
    for (const value of values) {
      if (value?.kind === 'number' && value.unit !== undefined) {
        placed.set(value.unit.span.offset, SemanticTokenTypes.keyword)
      }
    }
    if (item.kind !== 'transition') continue
    for (const rule of item.rules) {
      keyword(rule.class)
      keyword(rule.action)
      for (const id of rule.ids) if (id.kind === 'name') placed.set(id.span.offset, SemanticTokenTypes.enumMember)
    }
  }
  return placed
}

/** The parts of a part that stand on one line each, as the protocol wants them. */
function linesOf({ offset, length }: Part, text: string): Pick<Part, 'offset' | 'length'>[] {
  const lines: Pick<Part, 'offset' | 'length'>[] = []
  let start = offset
  for (const line of text.slice(offset, offset + length).split(/(\r\n|\r|\n)/)) {
    if (line !== '' && !/^[\r\n]/.test(line)) lines.push({ offset: start, length: line.length })
    start += line.length
  }
  return lines
}
