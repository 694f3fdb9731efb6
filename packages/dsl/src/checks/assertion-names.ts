import * as messages from '../diagnostics.ts'
import type { NodeName, PropertyItem } from '../syntax/ast.ts'
import type { Check } from './check.ts'

/** Names in an assertion can play their part: a `via` lies between the ends, and only strangers can be assumed confined. */
export const assertionNames: Check = ({ assertions, scope, workflow }, report) => {
  const withStrangers = new Set<string>()
  for (const { name, mappings } of workflow.memories) {
    if (mappings.some((mapping) => mapping.peer === null)) withStrangers.add(name)
  }
  for (const { item } of assertions) {
    if (item.property === undefined) continue
    const { ends, between } = partsOf(item.property)
    for (const name of between) {
      if (ends.some((end) => end.text === name.text)) report(messages.viaIsEnd({ name: name.text }, name.span))
    }
    const [a, b] = ends
    if (item.property.kind === 'isolated' && a !== undefined && b !== undefined && a.text === b.text) {
      report(messages.sameEnds({ name: a.text }, b.span))
    }
    for (const name of item.confined) {
      const peer = scope.peers.get(name.text)
      const unbound = peer !== undefined && (peer.open || peer.identity === undefined || peer.identity.kind === 'label')
      if (withStrangers.has(name.text) || unbound) continue
      report(messages.nothingToConfine({ name: name.text, declared: scope.placeOf(name.text) }, name.span))
    }
  }
}

/** The ends of the paths that a property speaks of, and what may lie between them. */
function partsOf(property: PropertyItem): { ends: readonly NodeName[]; between: readonly NodeName[] } {
  switch (property.kind) {
    case 'never-reaches':
      return { ends: [property.from, property.to], between: property.except }
    case 'reaches-only-via':
      return { ends: [property.from, property.to], between: property.via }
    case 'isolated':
      return { ends: [property.a, property.b], between: property.except }
    default:
      return { ends: [], between: [] }
  }
}
