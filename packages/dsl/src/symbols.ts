import type { KnownName, Middle } from './elaborate/names.ts'
import { lookUp } from './elaborate/names.ts'
import type { Elaborated, Program } from './elaborate/program.ts'
import type { Argument, Identifier, Item, Value } from './syntax/ast.ts'
import { mapNames, type NameMapping } from './syntax/map-names.ts'
import type { Span } from './syntax/span.ts'

/** What a name is the name of. An instance is what a `use` makes of a pattern. */
export type SymbolKind =
  | 'workflow'
  | 'policy'
  | 'pattern'
  | 'parameter'
  | 'constant'
  | 'peer'
  | 'channel'
  | 'memory'
  | 'instance'

/** One declared name, with everything that an editor asks about it. */
export interface NamedSymbol {
  readonly kind: SymbolKind
  readonly name: string
  /** Where the name is declared. */
  readonly declaration: Span
  /** The whole item that declares it. */
  readonly item: Span
  /** The lines of its doc comment. */
  readonly docs: readonly string[]
  /** The workflow, policy or pattern that it is declared in, by name; nothing for what stands before them. */
  readonly within: string | undefined
  /**
   * Every place that names it, the declaration apart. In `s1_in` the place `s1` names the instance and `in` the item of
   * the pattern, so that exchanging the text of all places renames the symbol.
   */
  readonly uses: readonly Span[]
  /** Names of the peers or memories that it became in the model: several where it is in a pattern or is `each any(n)`. */
  readonly elaborated: readonly string[]
}

type Declared = Omit<NamedSymbol, 'uses' | 'elaborated'> & { readonly uses: Span[]; readonly elaborated: string[] }

/** All symbols of a file and of what it imports, in the order in which they are read. */
export function symbolsOf({ sorted, programs }: Elaborated): readonly NamedSymbol[] {
  const table = new SymbolTable()
  for (const item of sorted.items) table.declareItem(item, undefined)
  for (const pattern of sorted.patterns.values()) {
    const { name, span, docs, parameters, items } = pattern
    table.declare('pattern', name, { item: span, docs, within: undefined })
    for (const parameter of parameters) {
      table.declare('parameter', parameter, { item: parameter.span, docs: [], within: name.text })
    }
    for (const item of items) table.declareItem(item, name.text)
  }
  for (const body of sorted.bodies) {
    table.declare(body.kind, body.name, { item: body.span, docs: body.docs, within: undefined })
    for (const item of body.items) table.declareItem(item, body.name.text)
  }
  for (const item of sorted.items) mapNames(item, new UseVisitor(table, sorted, new Map(), []))
  for (const { items, parameters } of sorted.patterns.values()) {
    const visitor = new UseVisitor(table, sorted, sorted.names.of(items), parameters)
    for (const item of items) mapNames(item, visitor)
  }
  for (const body of sorted.bodies) {
    const visitor = new UseVisitor(table, sorted, sorted.names.of(body.items), [])
    for (const item of body.items) mapNames(item, visitor)
    if (body.kind === 'policy') visitor.peer(body.peer)
  }
  for (const program of programs) table.elaborate(program)
  return table.all
}

/** Symbols by the place of their declaration. */
class SymbolTable {
  readonly #symbols = new Map<string, Declared>()

  get all(): readonly NamedSymbol[] {
    return [...this.#symbols.values()]
  }

  declare(kind: SymbolKind, name: Identifier, more: Pick<NamedSymbol, 'item' | 'docs' | 'within'>): void {
    this.#symbols.set(keyOf(name.span), {
      kind,
      name: name.text,
      declaration: name.span,
      ...more,
      uses: [],
      elaborated: [],
    })
  }

  declareItem(item: Item, within: string | undefined): void {
    const more = { item: item.span, docs: item.docs, within }
    if (item.kind === 'use') this.declare('instance', item.instance, more)
    else if (item.kind === 'let') this.declare('constant', item.name, more)
    else if (item.kind === 'peer' || item.kind === 'channel' || item.kind === 'memory') {
      this.declare(item.kind, item.name, more)
    }
  }

  use(declaration: Span, place: Span): void {
    this.#symbols.get(keyOf(declaration))?.uses.push(place)
  }

  /** Notes what became of the items of a program. */
  elaborate({ items, memoriesOf, scope }: Program): void {
    for (const item of items) {
      if (item.kind !== 'peer' && item.kind !== 'channel' && item.kind !== 'memory') continue
      const symbol = this.#symbols.get(keyOf(item.name.span))
      if (item.kind !== 'peer') symbol?.elaborated.push(...(memoriesOf.get(item.span) ?? []).map(({ name }) => name))
      else if (scope.peers.get(item.name.text) === item) symbol?.elaborated.push(item.name.text)
    }
  }
}

const keyOf = ({ file, offset }: Span): string => `${offset} ${file}`

/** Notes every place that names something, and changes nothing. */
class UseVisitor implements NameMapping {
  readonly #table: SymbolTable
  readonly #middle: Middle
  readonly #locals: ReadonlyMap<string, KnownName>
  readonly #parameters: ReadonlyMap<string, Identifier>

  constructor(
    table: SymbolTable,
    middle: Middle,
    locals: ReadonlyMap<string, KnownName>,
    parameters: readonly Identifier[],
  ) {
    this.#table = table
    this.#middle = middle
    this.#locals = locals
    this.#parameters = new Map(parameters.map((parameter) => [parameter.text, parameter]))
  }

  span(span: Span): Span {
    return span
  }

  declared(name: Identifier): Identifier {
    return name
  }

  peer(name: Identifier): Identifier {
    return this.#use(name, this.#middle.peers)
  }

  node(name: Identifier): Identifier {
    return this.#use(name, this.#middle.peers)
  }

  pattern(name: Identifier): Identifier {
    const pattern = this.#middle.patterns.get(name.text)
    if (pattern !== undefined) this.#table.use(pattern.name.span, name.span)
    return name
  }

  value(value: Value): Value {
    if (value.kind === 'name') this.#use(value.name, this.#middle.lets)
    return value
  }

  argument(argument: Argument): Argument {
    if (argument.kind !== 'name') return argument
    const { lets, peers } = this.#middle
    this.#use(argument.name, lets.has(argument.name.text) ? lets : peers)
    return argument
  }

  #use(name: Identifier, outer: ReadonlyMap<string, { readonly name: Identifier }>): Identifier {
    const { text, span } = name
    const parameter = this.#parameters.get(text)
    if (parameter !== undefined) {
      this.#table.use(parameter.span, span)
      return name
    }
    const known = lookUp(this.#locals, text)
    const declared = outer.get(text)
    if (known === undefined) {
      if (declared !== undefined) this.#table.use(declared.name.span, span)
      return name
    }
    let at = 0
    for (const { declaration, length } of known.parts) {
      this.#table.use(declaration, { ...span, offset: span.offset + at, column: span.column + at, length })
      at += length + 1
    }
    return name
  }
}
