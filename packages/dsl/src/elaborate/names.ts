import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { Identifier, Item, LetItem, PatternItem, PeerItem } from '../syntax/ast.ts'
import type { Span } from '../syntax/span.ts'

/** A name that may be used somewhere, and where each part of it was given. */
export interface KnownName {
  readonly text: string
  readonly kind: 'peer' | 'channel' | 'memory' | 'constant'
  /**
   * For `s1_in` the instance `s1` and the item `in`: where each is declared, and how many characters it gives to the
   * name. One `_` is between two parts.
   */
  readonly parts: readonly { readonly declaration: Span; readonly length: number }[]
  /** Whether it stands for the several memories `NAME_1`, `NAME_2` … of `each any(n)`. */
  readonly each: boolean
}

/** Names that a scope may have at most: patterns that use each other twice make very many of few. */
export const NAME_LIMIT = 20_000

/** Names of all patterns of a file together. */
const TOTAL_LIMIT = 10 * NAME_LIMIT

/** How deep patterns may use each other. */
export const NESTING_LIMIT = 16

/** What every file brings: constants, peers, patterns, by name; the first of a name counts. */
export interface Middle {
  readonly lets: ReadonlyMap<string, LetItem>
  readonly peers: ReadonlyMap<string, PeerItem>
  readonly patterns: ReadonlyMap<string, PatternItem>
}

/** The names that items declare, those of the patterns they use included. */
export class NamesOfItems {
  readonly #patterns: ReadonlyMap<string, PatternItem>
  readonly #report: Report
  readonly #ofPattern = new Map<PatternItem, ReadonlyMap<string, KnownName>>()
  #total = 0

  constructor(patterns: ReadonlyMap<string, PatternItem>, report: Report) {
    this.#patterns = patterns
    this.#report = report
  }

  /** In the order of the items; the first of a name counts. */
  of(items: readonly Item[]): ReadonlyMap<string, KnownName> {
    return this.#collect(items).names
  }

  /** The names of items up to a limit; those that are the same count too, since each costs a look. */
  #collect(items: readonly Item[]): { readonly names: ReadonlyMap<string, KnownName>; readonly count: number } {
    for (const item of items) if (item.kind === 'use') this.#prepare(item.pattern)
    const names = new Map<string, KnownName>()
    let count = 0
    for (const item of items) {
      for (const name of this.#declaredBy(item)) {
        if (++count > NAME_LIMIT) return { names, count }
        if (!names.has(name.text)) names.set(name.text, name)
      }
    }
    return { names, count }
  }

  /** The names of a pattern's own items, as they are called in it; none, after reporting it, if they are too many. */
  ofPattern(pattern: PatternItem): ReadonlyMap<string, KnownName> {
    const known = this.#ofPattern.get(pattern)
    if (known !== undefined) return known
    // A pattern that uses itself declares nothing on its way back to itself.
    this.#ofPattern.set(pattern, new Map())
    const { names, count } = this.#collect(pattern.items)
    this.#total += count
    const fits = count <= NAME_LIMIT && this.#total <= TOTAL_LIMIT
    if (!fits) this.#report(messages.expandedTooFar({ limit: NAME_LIMIT }, pattern.name.span))
    const kept = fits ? names : new Map<string, KnownName>()
    this.#ofPattern.set(pattern, kept)
    return kept
  }

  /**
   * Finds the names of a pattern after those of the patterns that it uses. A chain of patterns may be as long as the
   * file, so it is followed in a loop.
   */
  #prepare(name: Identifier): void {
    const begun = new Set<PatternItem>()
    const stack = [this.#patterns.get(name.text)]
    for (let pattern = stack.at(-1); stack.length > 0; pattern = stack.at(-1)) {
      if (pattern === undefined || this.#ofPattern.has(pattern) || begun.has(pattern)) {
        stack.pop()
        if (pattern !== undefined) this.ofPattern(pattern)
        continue
      }
      begun.add(pattern)
      for (const item of pattern.items) if (item.kind === 'use') stack.push(this.#patterns.get(item.pattern.text))
    }
  }

  *#declaredBy(item: Item): Iterable<KnownName> {
    if (item.kind === 'use') {
      const pattern = this.#patterns.get(item.pattern.text)
      const inner = pattern && this.#ofPattern.get(pattern)
      // A name of more parts comes from patterns that are nested too deep, which is reported where they are used.
      for (const name of inner?.values() ?? []) {
        if (name.parts.length <= NESTING_LIMIT) yield inInstance(name, item.instance)
      }
      return
    }
    const kind = item.kind === 'let' ? 'constant' : item.kind
    if (kind !== 'constant' && kind !== 'peer' && kind !== 'channel' && kind !== 'memory') return
    if (!('name' in item)) return
    const each = item.kind === 'channel' && [...item.tail, ...item.head].some((end) => end.kind === 'any' && end.each)
    const { text, span } = item.name
    yield { text, kind, each, parts: [{ declaration: span, length: text.length }] }
  }
}

/** What a written name stands for: one that is known, or one memory of `each any(n)`. */
export function lookUp(names: ReadonlyMap<string, KnownName>, text: string): KnownName | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  const base = /^(.+)_\d+$/.exec(text)?.[1]
  const each = base === undefined ? undefined : names.get(base)
  return each?.each === true ? each : undefined
}

function inInstance({ text, kind, parts, each }: KnownName, { text: instance, span }: Identifier): KnownName {
  const own = { declaration: span, length: instance.length }
  return { text: `${instance}_${text}`, kind, each, parts: [own, ...parts] }
}
