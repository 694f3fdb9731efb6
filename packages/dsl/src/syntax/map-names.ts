import type * as ast from './ast.ts'
import type { Span } from './span.ts'

/** What becomes of the parts of an item that may be names. */
export interface NameMapping {
  /** The place of anything that is neither a name nor a value. */
  span(span: Span): Span
  /** A name that the item gives to itself, to an instance or to a constant. */
  declared(name: ast.Identifier): ast.Identifier
  /** A peer: at the end of a channel, in a list of rights, of a transition. */
  peer(name: ast.Identifier): ast.Identifier
  /** A peer, a memory or `host`, in an assertion. */
  node(name: ast.Identifier): ast.Identifier
  /** A pattern. */
  pattern(name: ast.Identifier): ast.Identifier
  /** A number, a size, or the name of one. */
  value(value: ast.Value): ast.Value
  /** What a `use` hands to a parameter. */
  argument(argument: ast.Argument): ast.Argument | undefined
}

/** An item with its names exchanged; everything else stays as it is. */
export function mapNames(item: ast.Item, to: NameMapping): ast.Item {
  const span = to.span(item.span)
  switch (item.kind) {
    case 'let':
      return { ...item, span, name: to.declared(item.name), value: optional(item.value, (value) => to.value(value)) }
    case 'version':
      return { ...item, span, value: optional(item.value, (value) => to.value(value)) }
    case 'peer':
      return { ...item, span, name: to.declared(item.name), identity: item.identity && mapIdentity(item.identity, to) }
    case 'channel':
      return {
        ...item,
        span,
        name: to.declared(item.name),
        tail: item.tail.map((end) => mapEndpoint(end, to)),
        head: item.head.map((end) => mapEndpoint(end, to)),
        size: optional(item.size, (value) => to.value(value)),
        at: optional(item.at, (value) => to.value(value)),
        paced: item.paced && to.span(item.paced),
      }
    case 'memory':
      return {
        ...item,
        span,
        name: to.declared(item.name),
        size: optional(item.size, (value) => to.value(value)),
        mappings: item.mappings.map((mapping) => mapMapping(mapping, to)),
        paced: item.paced && to.span(item.paced),
      }
    case 'transition':
      return { ...item, span, peer: to.peer(item.peer), rules: item.rules.map((rule) => mapRule(rule, to)) }
    case 'assert':
      return {
        ...item,
        span,
        property: item.property && mapProperty(item.property, to),
        confined: item.confined.map((name) => to.node(name)),
      }
    case 'asserted':
      return { ...item, span }
    case 'use':
      return {
        ...item,
        span,
        pattern: to.pattern(item.pattern),
        args: item.args.map((argument) => argument && to.argument(argument)),
        instance: to.declared(item.instance),
      }
  }
}

function optional<Part>(part: Part | undefined, map: (part: Part) => Part): Part | undefined {
  return part === undefined ? undefined : map(part)
}

function mapIdentity(identity: ast.PeerIdentity, to: NameMapping): ast.PeerIdentity {
  const span = to.span(identity.span)
  if (identity.kind !== 'rim') return { ...identity, span }
  return { ...identity, span, rims: identity.rims.map((rim) => ({ ...rim, span: to.span(rim.span) })) }
}

/** An end of a channel; a peer that turns out to be called `host` is the host. */
function mapEndpoint(end: ast.Endpoint, to: NameMapping): ast.Endpoint {
  if (end.kind === 'host') return { ...end, span: to.span(end.span) }
  if (end.kind === 'any')
    return { ...end, span: to.span(end.span), count: optional(end.count, (value) => to.value(value)) }
  const name = to.peer(end.name)
  return name.text === 'host' ? { kind: 'host', span: name.span } : { kind: 'peer', name, span: name.span }
}

function mapMapping(mapping: ast.MappingItem, to: NameMapping): ast.MappingItem {
  return {
    holder: mapEndpoint(mapping.holder, to),
    rights: mapping.rights.map((right) => ({ ...right, span: to.span(right.span) })),
    at: optional(mapping.at, (value) => to.value(value)),
    span: to.span(mapping.span),
  }
}

function mapRule(rule: ast.TransitionRule, to: NameMapping): ast.TransitionRule {
  return {
    class: { ...rule.class, span: to.span(rule.class.span) },
    ids: rule.ids.map((id) => ({ ...id, span: to.span(id.span) })),
    action: { ...rule.action, span: to.span(rule.action.span) },
    span: to.span(rule.span),
  }
}

function mapProperty(property: ast.PropertyItem, to: NameMapping): ast.PropertyItem {
  const all = (names: readonly ast.NodeName[]): ast.NodeName[] => names.map((name) => to.node(name))
  switch (property.kind) {
    case 'never-reaches':
      return { ...property, from: to.node(property.from), to: to.node(property.to), except: all(property.except) }
    case 'reaches':
      return { ...property, from: to.node(property.from), to: to.node(property.to) }
    case 'reaches-only-via':
      return { ...property, from: to.node(property.from), to: to.node(property.to), via: all(property.via) }
    case 'acyclic':
      return { ...property, except: all(property.except) }
    case 'isolated':
      return { ...property, a: to.node(property.a), b: to.node(property.b), except: all(property.except) }
    case 'gateways-are':
    case 'leakers-are':
      return { ...property, names: all(property.names) }
    case 'quiet':
      return { ...property, peer: to.node(property.peer) }
    case 'closed':
      return property
  }
}
