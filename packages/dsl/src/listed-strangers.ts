import { type Mapping, RIGHT, type Rights } from '@mica/policy'
import type { Fix } from './diagnostic.ts'
import { printHolder } from './print/memory.ts'
import { printRights } from './print/rights.ts'
import type { ChannelItem, Endpoint, Item } from './syntax/ast.ts'

/** What somebody writes to let strangers into a memory: `any(2): read`. */
export function strangersText(strangers: Mapping): string {
  return `${printHolder(strangers, [])}: ${printRights(strangers.rights)}`
}

/** Lists strangers in an item that lists none, in a way that keeps the item's form; nothing if no arrow can say it. */
export function listingStrangers(item: Item | undefined, strangers: Mapping): Fix | undefined {
  const title = `list \`${strangersText(strangers)}\``
  if (item?.kind === 'memory') {
    const last = item.mappings.at(-1)
    return last && { title, edits: [{ span: { ...last.span, length: 0 }, text: `${strangersText(strangers)}, ` }] }
  }
  if (item?.kind !== 'channel') return undefined
  const side = sideWith(strangers.rights, item.arrow)
  const ends = side === undefined ? [] : item[side]
  const last = ends.at(-1)
  if (last?.kind !== 'peer') return undefined
  return { title, edits: [{ span: last.span, text: listed(ends, last.name.text, printHolder(strangers, [])) }] }
}

/** The side of a channel that gets these rights from the arrow. */
function sideWith(rights: Rights, arrow: ChannelItem['arrow']): 'tail' | 'head' | undefined {
  if (arrow === 'both-ways') return rights === (RIGHT.read | RIGHT.write) ? 'head' : undefined
  if (rights === RIGHT.read) return 'head'
  return rights === RIGHT.write ? 'tail' : undefined
}

function listed(ends: readonly Endpoint[], last: string, strangers: string): string {
  return ends.length === 1 ? `(${last}, ${strangers})` : `${last}, ${strangers}`
}
