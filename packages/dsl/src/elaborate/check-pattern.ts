import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { Argument, Identifier, Item, PatternItem, Value } from '../syntax/ast.ts'
import { mapNames, type NameMapping } from '../syntax/map-names.ts'
import type { Span } from '../syntax/span.ts'
import { type KnownName, lookUp, type Middle, type NamesOfItems } from './names.ts'
import type { Reporting } from './reporting.ts'

/**
 * Whether a pattern can be understood by itself, used or not: each of its names is a parameter, one of its own items,
 * or stands before the workflow. What a workflow declares is not known in it: that is what parameters are for.
 */
export function checkPattern(pattern: PatternItem, middle: Middle, names: NamesOfItems, reporting: Reporting): void {
  const { report } = reporting
  checkDeclared(pattern, report)
  const visitor = new Visitor(pattern, middle, names.ofPattern(pattern), reporting)
  for (const item of pattern.items) {
    if (item.kind === 'version' || item.kind === 'asserted') {
      report(
        messages.misplacedItem(
          { keyword: item.kind === 'version' ? 'version' : 'assert', place: 'outside patterns' },
          item.span,
        ),
      )
    } else mapNames(item, visitor)
  }
}

/** Parameters and items of a pattern have different names. */
function checkDeclared({ parameters, items }: PatternItem, report: Report): void {
  const first = new Map<string, { readonly kind: string; readonly name: Identifier }>()
  const declare = (kind: string, name: Identifier): void => {
    const other = first.get(name.text)
    if (other === undefined) first.set(name.text, { kind, name })
    else report(messages.duplicateName({ name: name.text, kind: other.kind, first: other.name.span }, name.span))
  }
  for (const parameter of parameters) declare('parameter', parameter)
  for (const item of items) {
    const name = declaredName(item)
    if (name !== undefined) declare(item.kind === 'let' ? 'constant' : item.kind, name)
  }
}

function declaredName(item: Item): Identifier | undefined {
  if (item.kind === 'peer' || item.kind === 'channel' || item.kind === 'memory' || item.kind === 'let') return item.name
  return item.kind === 'use' ? item.instance : undefined
}

/** Looks every name up and changes nothing. */
class Visitor implements NameMapping {
  readonly #parameters: ReadonlySet<string>
  readonly #locals: ReadonlyMap<string, KnownName>
  readonly #middle: Middle
  readonly #reporting: Reporting

  constructor(pattern: PatternItem, middle: Middle, locals: ReadonlyMap<string, KnownName>, reporting: Reporting) {
    this.#parameters = new Set(pattern.parameters.map((parameter) => parameter.text))
    this.#locals = locals
    this.#middle = middle
    this.#reporting = reporting
  }

  span(span: Span): Span {
    return span
  }

  declared(name: Identifier): Identifier {
    return name
  }

  peer(name: Identifier): Identifier {
    return this.#known(name, this.#middle.peers, 'peer')
  }

  node(name: Identifier): Identifier {
    return name.text === 'host' ? name : this.#known(name, this.#middle.peers, 'peer or channel')
  }

  pattern(name: Identifier): Identifier {
    const { patterns } = this.#middle
    if (!patterns.has(name.text)) this.#unknown(name, 'pattern', patterns.keys())
    return name
  }

  value(value: Value): Value {
    if (value.kind === 'name') this.#known(value.name, this.#middle.lets, 'size')
    return value
  }

  argument(argument: Argument): Argument {
    if (argument.kind !== 'name') return argument
    const { lets, peers } = this.#middle
    if (!lets.has(argument.name.text)) this.#known(argument.name, peers, 'peer, size or number')
    return argument
  }

  #known(name: Identifier, outer: ReadonlyMap<string, unknown>, kind: string): Identifier {
    const { text } = name
    if (this.#parameters.has(text) || outer.has(text) || lookUp(this.#locals, text) !== undefined) return name
    this.#unknown(name, kind, [...this.#parameters, ...this.#locals.keys(), ...outer.keys()])
    return name
  }

  #unknown({ text, span }: Identifier, kind: string, known: Iterable<string>): void {
    const { report, suggestions } = this.#reporting
    report(messages.unknownName({ name: text, kind, near: suggestions.nearest(text, known) }, span))
  }
}
