import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { ChannelItem, Identifier, Item, LetItem, MemoryItem, PeerItem } from '../syntax/ast.ts'
import type { Span } from '../syntax/span.ts'
import type { Reporting, Suggestions } from './reporting.ts'

/** What a name of the workflow stands for. */
export type Declared =
  | { readonly kind: 'peer'; readonly item: PeerItem; readonly index: number }
  | { readonly kind: 'memory'; readonly item: ChannelItem | MemoryItem }

/**
 * The names of one workflow or policy, and where they are.
 *
 * The first declaration of a name counts; that there is another is a check's business.
 */
export class Scope {
  readonly report: Report
  readonly peers: ReadonlyMap<string, PeerItem>
  readonly lets: ReadonlyMap<string, LetItem>
  readonly #declared = new Map<string, Declared>()
  readonly #suggestions: Suggestions
  readonly #missing: readonly string[]

  /** @param missing Beginnings of names whose declarations could not be understood. */
  constructor(items: readonly Item[], { report, suggestions }: Reporting, missing: readonly string[] = []) {
    this.report = report
    this.#suggestions = suggestions
    this.#missing = missing
    const peers = new Map<string, PeerItem>()
    const lets = new Map<string, LetItem>()
    for (const item of items) {
      if (item.kind === 'peer' && !peers.has(item.name.text)) {
        this.#declared.set(item.name.text, { kind: 'peer', item, index: peers.size })
        peers.set(item.name.text, item)
      }
      if (item.kind === 'let' && !lets.has(item.name.text)) lets.set(item.name.text, item)
    }
    this.peers = peers
    this.lets = lets
  }

  /** Declares a memory; `name` differs from the item's for one of the memories of `each any(n)`. */
  declareMemory(name: string, item: ChannelItem | MemoryItem): void {
    if (!this.#declared.has(name)) this.#declared.set(name, { kind: 'memory', item })
  }

  get(name: string): Declared | undefined {
    return this.#declared.get(name)
  }

  /** Where a name is declared. */
  placeOf(name: string): Span | undefined {
    return this.#declared.get(name)?.item.name.span
  }

  /**
   * Index of the peer that is meant, after reporting that it is none.
   *
   * @param others What else may stand there, and may have been meant.
   */
  peer(name: Identifier, others: readonly string[] = []): number | undefined {
    const declared = this.#declared.get(name.text)
    if (declared?.kind === 'peer') return declared.index
    if (declared === undefined) this.unknown(name, 'peer', [...this.peers.keys(), ...others])
    else this.wrongKind(name, 'a peer')
    return undefined
  }

  /** Whether a peer, a memory or `host` is meant, after reporting that it is none. */
  node(name: Identifier): boolean {
    if (name.text === 'host' || this.#declared.has(name.text)) return true
    this.unknown(name, 'peer or channel', ['host', ...this.#declared.keys()])
    return false
  }

  /** Reports a name that nothing has. */
  unknown(name: Identifier, kind: string, known: Iterable<string>): void {
    if (this.#missing.some((beginning) => name.text.startsWith(beginning))) return
    const near = this.#suggestions.nearest(name.text, known)
    this.report(messages.unknownName({ name: name.text, kind, near }, name.span))
  }

  /** Reports a name that stands for something else than is wanted here. */
  wrongKind(name: Identifier, wanted: string): void {
    this.report(messages.wrongKindOfName(this.#facts(name, wanted), name.span))
  }

  #facts(name: Identifier, wanted: string): Parameters<typeof messages.wrongKindOfName>[0] {
    const declared = this.#declared.get(name.text)
    const kind = declared === undefined ? 'name' : declared.item.kind
    return { name: name.text, kind, wanted, declared: declared?.item.name.span }
  }
}
