import type { Assertion, Property } from '@mica/policy'
import type { AssertItem, NodeName, PropertyItem } from '../syntax/ast.ts'
import type { Scope } from './scope.ts'

/** The assertion with every name known, or nothing after reporting those that are not. */
export function elaborateAssertion(item: AssertItem, scope: Scope): Assertion | undefined {
  if (item.property === undefined) return undefined
  const unknown = [...namesOf(item.property), ...item.confined].filter((name) => !scope.node(name))
  const wrongKind = peersOf(item.property).filter((name) => scope.get(name.text)?.kind === 'memory')
  for (const name of wrongKind) scope.peer(name)
  if (unknown.length > 0 || wrongKind.length > 0) return undefined
  return {
    property: propertyOf(item.property),
    confined: item.confined.map((name) => name.text),
    reason: item.reason,
    origin: item.span,
  }
}

/** Every name that a property mentions, in the order in which they stand. */
export function namesOf(property: PropertyItem): readonly NodeName[] {
  switch (property.kind) {
    case 'never-reaches':
      return [property.from, property.to, ...property.except]
    case 'reaches':
      return [property.from, property.to]
    case 'reaches-only-via':
      return [property.from, property.to, ...property.via]
    case 'acyclic':
      return property.except
    case 'isolated':
      return [property.a, property.b, ...property.except]
    case 'gateways-are':
    case 'leakers-are':
      return property.names
    case 'quiet':
      return [property.peer]
    case 'closed':
      return []
  }
}

/** Names that must be peers: a channel can be no gateway. */
function peersOf(property: PropertyItem): readonly NodeName[] {
  switch (property.kind) {
    case 'acyclic':
      return property.except
    case 'gateways-are':
    case 'leakers-are':
      return property.names
    case 'quiet':
      return [property.peer]
    default:
      return []
  }
}

function propertyOf(property: PropertyItem): Property {
  const texts = (names: readonly NodeName[]): string[] => names.map((name) => name.text)
  switch (property.kind) {
    case 'never-reaches':
      return { kind: property.kind, from: property.from.text, to: property.to.text, except: texts(property.except) }
    case 'reaches':
      return { kind: property.kind, from: property.from.text, to: property.to.text }
    case 'reaches-only-via':
      return { kind: property.kind, from: property.from.text, to: property.to.text, via: texts(property.via) }
    case 'acyclic':
      return { kind: property.kind, except: texts(property.except) }
    case 'isolated':
      return { kind: property.kind, a: property.a.text, b: property.b.text, except: texts(property.except) }
    case 'gateways-are':
    case 'leakers-are':
      return { kind: property.kind, names: texts(property.names) }
    case 'quiet':
      return { kind: property.kind, peer: property.peer.text }
    case 'closed':
      return property
  }
}
