import type { Identifier, Item } from '../syntax/ast.ts'
import { mapNames } from '../syntax/map-names.ts'

/** Every name of a peer or memory that items mention, patterns written out. */
export function namedIn(items: readonly Item[]): Set<string> {
  const names = new Set<string>()
  const mention = (name: Identifier): Identifier => {
    names.add(name.text)
    return name
  }
  const keep = <Part>(part: Part): Part => part
  const visitor = {
    span: keep,
    declared: keep,
    peer: mention,
    node: mention,
    pattern: keep,
    value: keep,
    argument: keep,
  }
  for (const item of items) mapNames(item, visitor)
  return names
}
