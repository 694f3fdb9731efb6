import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { Argument, Identifier, Item, PatternItem, UseItem, Value } from '../syntax/ast.ts'
import { mapNames, type NameMapping } from '../syntax/map-names.ts'
import type { Span } from '../syntax/span.ts'
import { type KnownName, lookUp, NAME_LIMIT, type NamesOfItems, NESTING_LIMIT } from './names.ts'
import type { Reporting, Suggestions } from './reporting.ts'

/** Items with every `use` replaced by the items of its pattern. */
export interface Expanded {
  readonly items: readonly Item[]
  /** Beginnings of names that are missing because their `use` is wrong: using one is no further mistake. */
  readonly missing: readonly string[]
}

/** A pattern while it is written out, and what its parameters stand for. */
interface Instance {
  readonly pattern: PatternItem
  readonly locals: ReadonlyMap<string, KnownName>
  readonly bindings: ReadonlyMap<string, Argument | undefined>
  readonly use: UseItem
}

/**
 * Writes patterns out. Names that a pattern declares get the name of the instance and `_` in front, parameters become
 * what the `use` says, and everything keeps its place in the pattern, with the place of the `use`.
 */
export class Expansion {
  /** By name. */
  readonly patterns: ReadonlyMap<string, PatternItem>
  readonly #names: NamesOfItems
  readonly #report: Report
  readonly #suggestions: Suggestions
  readonly #missing: string[] = []
  readonly #items: Item[] = []
  #written = 0

  constructor(patterns: Expansion['patterns'], names: NamesOfItems, { report, suggestions }: Reporting) {
    this.patterns = patterns
    this.#names = names
    this.#report = report
    this.#suggestions = suggestions
  }

  expand(items: readonly Item[]): Expanded {
    for (const item of items) this.#add(item, [])
    return { items: this.#items, missing: this.#missing }
  }

  #add(item: Item, outer: readonly PatternItem[]): void {
    if (item.kind !== 'use') this.#items.push(item)
    else this.#use(item, outer)
  }

  #use(use: UseItem, outer: readonly PatternItem[]): void {
    const instance = this.#instance(use, outer)
    if (instance === undefined) {
      this.#missing.push(`${use.instance.text}_`)
      return
    }
    this.#missing.push(misread(use.instance, ''))
    const mapping = new Writing(instance, this.#report)
    for (const item of instance.pattern.items) {
      // What may not stand in a pattern is reported where the pattern is checked.
      if (item.kind !== 'version' && item.kind !== 'asserted')
        this.#add(mapNames(item, mapping), [...outer, instance.pattern])
    }
  }

  #instance(use: UseItem, outer: readonly PatternItem[]): Instance | undefined {
    const { pattern: name, args } = use
    const pattern = this.patterns.get(name.text)
    if (pattern === undefined) {
      const near = this.#suggestions.nearest(name.text, this.patterns.keys())
      this.#report(messages.unknownName({ name: name.text, kind: 'pattern', near }, name.span))
      return undefined
    }
    if (outer.includes(pattern)) {
      this.#report(messages.recursivePattern({ pattern: name.text, declared: pattern.name.span }, name.span))
      return undefined
    }
    if (outer.length >= NESTING_LIMIT) {
      this.#report(messages.patternsTooDeep({ limit: NESTING_LIMIT }, use.span))
      return undefined
    }
    const { parameters } = pattern
    if (args.length !== parameters.length) {
      const expected = parameters.map((parameter) => parameter.text)
      const facts = { pattern: name.text, expected, found: args.length, declared: pattern.name.span }
      this.#report(messages.argumentCount(facts, use.span))
      return undefined
    }
    const before = this.#written
    this.#written += 1 + pattern.items.length
    if (this.#written > NAME_LIMIT) {
      if (before <= NAME_LIMIT) this.#report(messages.expandedTooFar({ limit: NAME_LIMIT }, use.span))
      return undefined
    }
    const bindings = new Map(parameters.map((parameter, index) => [parameter.text, args[index]]))
    return { pattern, locals: this.#names.ofPattern(pattern), bindings, use }
  }
}

/** A name that no file can write, for a parameter that stands for no name: its uses are no mistakes of their own. */
const misread = (instance: Identifier, parameter: string): string => `${instance.text}_(${parameter}`

/** Maps the names of a pattern to those of one instance. */
class Writing implements NameMapping {
  readonly #instance: Instance
  readonly #report: Report

  constructor(instance: Instance, report: Report) {
    this.#instance = instance
    this.#report = report
  }

  span(span: Span): Span {
    return { ...span, use: this.#instance.use.span }
  }

  declared({ text, span }: Identifier): Identifier {
    return { text: `${this.#instance.use.instance.text}_${text}`, span: this.span(span) }
  }

  peer(name: Identifier): Identifier {
    const { bindings, locals } = this.#instance
    if (bindings.has(name.text)) return this.#named(name, bindings.get(name.text))
    return lookUp(locals, name.text) === undefined ? { ...name, span: this.span(name.span) } : this.declared(name)
  }

  node(name: Identifier): Identifier {
    return this.peer(name)
  }

  pattern(name: Identifier): Identifier {
    return { ...name, span: this.span(name.span) }
  }

  value(value: Value): Value {
    const argument = this.argument(value)
    if (argument !== undefined && argument.kind !== 'host') return argument
    return { kind: 'name', name: this.#wrongKind(value, argument, 'a size or a number'), span: value.span }
  }

  argument(argument: Argument): Argument | undefined {
    const span = this.span(argument.span)
    if (argument.kind === 'host') return { ...argument, span }
    if (argument.kind === 'number') return { ...argument, span, unit: argument.unit && this.pattern(argument.unit) }
    const { bindings } = this.#instance
    if (bindings.has(argument.name.text)) return bindings.get(argument.name.text)
    const name = this.peer(argument.name)
    return { kind: 'name', name, span: name.span }
  }

  /** The name that a parameter stands for; one that stands for a number cannot be understood. */
  #named(name: Identifier, argument: Argument | undefined): Identifier {
    if (argument?.kind === 'host') return { text: 'host', span: argument.span }
    if (argument?.kind === 'name') return argument.name
    return this.#wrongKind({ kind: 'name', name, span: name.span }, argument, 'a name')
  }

  #wrongKind(parameter: Value, argument: Argument | undefined, wanted: string): Identifier {
    const { pattern, use } = this.#instance
    const name = parameter.kind === 'name' ? parameter.name.text : ''
    if (argument !== undefined) {
      const facts = { parameter: name, pattern: pattern.name.text, wanted, used: parameter.span }
      this.#report(messages.argumentKind(facts, argument.span))
    }
    return { text: misread(use.instance, name), span: argument?.span ?? parameter.span }
  }
}
