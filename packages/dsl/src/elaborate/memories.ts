import { type Mapping, RIGHT, type Rights, type WorkflowMemory } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { AnyEndpoint, ChannelItem, Endpoint, MappingItem, MemoryItem } from '../syntax/ast.ts'
import { nearest } from '../syntax/literals.ts'
import type { Span } from '../syntax/span.ts'
import type { Scope } from './scope.ts'
import type { Values } from './values.ts'

/** Most components that one `any` may stand for. */
const ANY_LIMIT = 0xffff_ffff

/** Most memories that one channel may be: as many as a policy may have. */
const EACH_LIMIT = 256

/** Most memories that a file may have: three times a workflow of ten thousand channels. */
const MEMORY_LIMIT = 32_768

/** Makes channels and long-form memories into memories; what has a mistake is reported and left out. */
export class MemoryElaboration {
  readonly #scope: Scope
  readonly #values: Values
  #count = 0

  constructor(scope: Scope, values: Values) {
    this.#scope = scope
    this.#values = values
  }

  /** One memory, or the several of `each any(n)`; none if the channel cannot be understood. */
  channel(item: ChannelItem): readonly WorkflowMemory[] {
    const { name, tail, head, arrow } = item
    const granules = item.size && this.#values.granules(item.size)
    const at = item.at && this.#values.address(item.at, granules ?? 1)
    const mappings = this.#channelMappings(item, at ?? null)
    const unprotected = [...tail, ...head].some((end) => end.kind === 'host')
    const each = [...tail, ...head].find((end): end is AnyEndpoint => end.kind === 'any' && end.each)
    // An impossible count still declares the first name, so that its uses are not reported as well.
    const copies = this.#withinLimit(item, each === undefined ? 1 : (this.#eachCount(item, each) ?? 0))
    const names =
      each === undefined && copies > 0 ? [name.text] : Array.from({ length: copies }, (_, i) => `${name.text}_${i + 1}`)
    for (const declared of names.length > 0 ? names : [name.text]) this.#scope.declareMemory(declared, item)
    if (arrow === undefined || tail.length === 0 || head.length === 0) return []
    if (granules === undefined || (item.at !== undefined && at === undefined)) return []
    const kind = unprotected ? 'unprotected' : 'protected'
    return names.map((text) => ({
      name: text,
      kind,
      granules,
      mappings,
      paced: item.paced !== undefined,
      origin: item.span,
    }))
  }

  /** None if the memory cannot be understood. */
  memory(item: MemoryItem): readonly WorkflowMemory[] {
    this.#scope.declareMemory(item.name.text, item)
    const kind = item.memoryKind.text
    const granules = item.size && this.#values.granules(item.size)
    const mappings = item.mappings.flatMap((mapping) => this.#listed(item, mapping, granules ?? 1))
    if (kind !== 'protected' && kind !== 'unprotected') {
      if (kind === '') return []
      const near = nearest(kind, ['protected', 'unprotected'])
      this.#scope.report(messages.unknownMemoryKind({ kind, near }, item.memoryKind.span))
      return []
    }
    if (granules === undefined || this.#withinLimit(item, 1) === 0) return []
    return [{ name: item.name.text, kind, granules, mappings, paced: item.paced !== undefined, origin: item.span }]
  }

  #channelMappings(item: ChannelItem, ipaGranule: number | null): Mapping[] {
    const both = item.arrow === 'both-ways'
    const tailRights = both ? RIGHT.read | RIGHT.write : RIGHT.write
    const headRights = both ? RIGHT.read | RIGHT.write : RIGHT.read
    return [
      ...item.tail.flatMap((end) => this.#mapping(end, tailRights, ipaGranule)),
      ...item.head.flatMap((end) => this.#mapping(end, headRights, ipaGranule)),
    ]
  }

  #listed(item: MemoryItem, { holder, rights, at }: MappingItem, granules: number): Mapping[] {
    const seen = new Map<string, Span>()
    for (const { word, span } of rights) {
      const first = seen.get(word)
      if (first !== undefined)
        this.#scope.report(messages.listedTwice({ name: word, where: 'the rights', first }, span))
      seen.set(word, first ?? span)
    }
    if (holder.kind === 'host') this.#scope.report(messages.hostInMemory({ memory: item.name.text }, holder.span))
    const bits = rights.reduce((all, { word }) => all | RIGHT[word], 0)
    return this.#mapping(holder, bits, (at && this.#values.address(at, granules)) ?? null)
  }

  /** The place of one end; `host` has none, since unprotected memory is always within its reach. */
  #mapping(end: Endpoint, rights: Rights, ipaGranule: number | null): Mapping[] {
    if (end.kind === 'host') return []
    if (end.kind === 'peer') {
      const peer = this.#scope.peer(end.name, ['host'])
      return peer === undefined ? [] : [{ peer, rights, ipaGranule }]
    }
    if (end.each) return [{ peer: null, rights, ipaGranule, anyCount: 1 }]
    if (end.count === undefined) return [{ peer: null, rights, ipaGranule }]
    const anyCount = this.#values.number(end.count, 'the count of `any`', 1, ANY_LIMIT)
    return anyCount === undefined ? [] : [{ peer: null, rights, ipaGranule, anyCount }]
  }

  /** How many of `copies` memories there may still be: all, or none after reporting it. */
  #withinLimit(item: ChannelItem | MemoryItem, copies: number): number {
    const before = this.#count
    this.#count += copies
    if (this.#count <= MEMORY_LIMIT) return copies
    if (before <= MEMORY_LIMIT) this.#scope.report(messages.tooManyMemories({ limit: MEMORY_LIMIT }, item.name.span))
    return 0
  }

  #eachCount(item: ChannelItem, end: AnyEndpoint): number | undefined {
    if (end.count !== undefined) return this.#values.number(end.count, 'the count of `each any`', 1, EACH_LIMIT)
    this.#scope.report(messages.eachWithoutCount(end.span))
    // A channel that has more wrong with it is still looked at by the checks.
    return item.size === undefined ? undefined : 1
  }
}
