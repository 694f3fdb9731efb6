import * as messages from '../diagnostics.ts'
import type { Identifier } from '../syntax/ast.ts'
import type { Check } from './check.ts'

/** Peers, channels and memories have different names, the memories of `each any(n)` included; so have constants. */
export const uniqueNames: Check = ({ items, memoriesOf }, report) => {
  const named = new Map<string, { readonly kind: string; readonly name: Identifier }>()
  const constants: typeof named = new Map()
  const declare = (names: typeof named, text: string, kind: string, name: Identifier): void => {
    const first = names.get(text)
    if (first === undefined) names.set(text, { kind, name })
    else report(messages.duplicateName({ name: text, kind: first.kind, first: first.name.span }, name.span))
  }
  for (const item of items) {
    if (item.kind === 'let') declare(constants, item.name.text, 'constant', item.name)
    if (item.kind === 'peer') declare(named, item.name.text, 'peer', item.name)
    if (item.kind !== 'channel' && item.kind !== 'memory') continue
    const names = memoriesOf.get(item.span)?.map((memory) => memory.name) ?? [item.name.text]
    for (const text of names) declare(named, text, item.kind, item.name)
  }
}
