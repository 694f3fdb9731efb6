import type { Report } from '../diagnostic.ts'
import type { SourceText, Span } from '../syntax/span.ts'
import * as messages from './messages.ts'

/** A value of the JSON dialect that the reference speaks, with its place. */
export type JsonNode = { readonly span: Span } & (
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  /** `undefined` if it is above 2^53 and so not exact. */
  | { readonly kind: 'number'; readonly number: number | undefined }
  | { readonly kind: 'boolean'; readonly value: boolean }
)

export interface JsonMember {
  readonly key: string
  /** Place of the key. */
  readonly span: Span
  readonly value: JsonNode
}

/** Levels of objects and lists; a policy has four. */
const DEPTH_LIMIT = 16

/**
 * Reads reference JSON: hexadecimal numbers and a comma before a closing bracket are legal; fractions, exponents and
 * `null` are not. Reports the first mistake and returns nothing then.
 */
export function readJson(source: SourceText, report: Report): JsonNode | undefined {
  const reader = new JsonReader(source, report)
  const value = reader.value(0)
  if (value === undefined) return undefined
  return reader.atEnd() ? value : undefined
}

class JsonReader {
  readonly #source: SourceText
  readonly #text: string
  readonly #report: Report
  #at = 0

  constructor(source: SourceText, report: Report) {
    this.#source = source
    this.#text = source.text
    this.#report = report
  }

  atEnd(): boolean {
    this.#skipBlanks()
    if (this.#at === this.#text.length) return true
    this.#report(messages.textAfterPolicy(this.#source.span(this.#at, this.#text.length)))
    return false
  }

  value(depth: number): JsonNode | undefined {
    this.#skipBlanks()
    const start = this.#at
    if (depth > DEPTH_LIMIT) {
      this.#report(messages.tooDeep({ limit: DEPTH_LIMIT }, this.#source.span(start, start + 1)))
      return undefined
    }
    const character = this.#text[start]
    if (character === '{') return this.#object(depth)
    if (character === '[') return this.#array(depth)
    if (character === '"') return this.#string()
    const word = this.#word()
    this.#at += word.length
    const span = this.#source.span(start, this.#at)
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', span }
    if (/^-?(?:[0-9]+|0[xX][0-9A-Fa-f]+)$/.test(word)) {
      const magnitude = Number(word.replace('-', ''))
      const number = word.startsWith('-') ? -magnitude : magnitude
      return { kind: 'number', number: Number.isSafeInteger(number) ? number : undefined, span }
    }
    return this.#unexpected('a value', start)
  }

  #object(depth: number): JsonNode | undefined {
    const start = this.#at++
    const members: JsonMember[] = []
    for (;;) {
      if (this.#takes('}')) return { kind: 'object', members, span: this.#source.span(start, this.#at) }
      if (members.length > 0 && !this.#expects(',', '`,` or `}`')) return undefined
      if (members.length > 0 && this.#takes('}')) {
        return { kind: 'object', members, span: this.#source.span(start, this.#at) }
      }
      this.#skipBlanks()
      if (this.#text[this.#at] !== '"') return this.#unexpected('a key in quotes', this.#at)
      const key = this.#string()
      if (key === undefined || key.kind !== 'string' || !this.#expects(':', '`:`')) return undefined
      const value = this.value(depth + 1)
      if (value === undefined) return undefined
      members.push({ key: key.text, span: key.span, value })
    }
  }

  #array(depth: number): JsonNode | undefined {
    const start = this.#at++
    const items: JsonNode[] = []
    for (;;) {
      if (this.#takes(']')) return { kind: 'array', items, span: this.#source.span(start, this.#at) }
      if (items.length > 0 && !this.#expects(',', '`,` or `]`')) return undefined
      if (items.length > 0 && this.#takes(']')) {
        return { kind: 'array', items, span: this.#source.span(start, this.#at) }
      }
      const item = this.value(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
    }
  }

  #string(): JsonNode | undefined {
    const start = this.#at
    const parts: string[] = []
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!
      if (character === '"') {
        this.#at = at + 1
        return { kind: 'string', text: parts.join(''), span: this.#source.span(start, this.#at) }
      }
      if (character === '\\') {
        const escaped = this.#text[++at]
        if (escaped !== '"' && escaped !== '\\') {
          this.#report(messages.unknownJsonEscape(this.#source.span(at - 1, at + 1)))
          return undefined
        }
        parts.push(escaped)
      } else parts.push(character)
    }
    return this.#unexpected('`"`', this.#text.length)
  }

  /** Letters and digits from here on. */
  #word(): string {
    const pattern = /-?[A-Za-z0-9_.+]*/y
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? ''
  }

  #takes(character: string): boolean {
    this.#skipBlanks()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #expects(character: string, expected: string): boolean {
    if (this.#takes(character)) return true
    this.#unexpected(expected, this.#at)
    return false
  }

  #unexpected(expected: string, at: number): undefined {
    this.#at = at
    const found = this.#word() || (this.#text[at] ?? '')
    this.#report(messages.unexpectedText({ found, expected }, this.#source.span(at, at + Math.max(1, found.length))))
    return undefined
  }

  #skipBlanks(): void {
    const blanks = /[ \t\r\n]*/y
    blanks.lastIndex = this.#at
    blanks.exec(this.#text)
    this.#at = blanks.lastIndex
  }
}
