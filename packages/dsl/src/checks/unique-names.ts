import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { Identifier } from '../syntax/ast.ts'
import { writtenUse } from '../syntax/span.ts'
import type { Check } from './check.ts'

/** Peers, channels and memories have different names, the memories of `each any(n)` included; so have constants. */
export const uniqueNames: Check = ({ items, memoriesOf }, report) => {
  const named = new Map<string, { readonly kind: string; readonly name: Identifier }>()
  const constants: typeof named = new Map()
  const declare = (names: typeof named, text: string, kind: string, name: Identifier): void => {
    const first = names.get(text)
    if (first === undefined) names.set(text, { kind, name })
    else reportTwice(text, first, name, report)
  }
  for (const item of items) {
    if (item.kind === 'let') declare(constants, item.name.text, 'constant', item.name)
    if (item.kind === 'peer') declare(named, item.name.text, 'peer', item.name)
    if (item.kind !== 'channel' && item.kind !== 'memory') continue
    const names = memoriesOf.get(item.span)?.map((memory) => memory.name) ?? [item.name.text]
    for (const text of names) declare(named, text, item.kind, item.name)
  }
}

/** Of two names the later one is wrong; if it comes from a pattern, its `use` is. */
function reportTwice(
  text: string,
  first: { readonly kind: string; readonly name: Identifier },
  name: Identifier,
  report: Report,
): void {
  const use = writtenUse(name.span)
  // Two of one instance are two of one pattern, which is checked by itself.
  if (use !== undefined && name.span.use === first.name.span.use) return
  const firstPlace = writtenUse(first.name.span) ?? first.name.span
  const facts = { name: text, kind: first.kind, first: firstPlace }
  if (use === undefined) report(messages.duplicateName(facts, name.span))
  else report(messages.instanceClash({ ...facts, item: { ...name.span, use: undefined } }, use))
}
