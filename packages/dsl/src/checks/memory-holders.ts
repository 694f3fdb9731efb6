import * as messages from '../diagnostics.ts'
import type { Span } from '../syntax/span.ts'
import type { Check } from './check.ts'

/** Who may hold a long-form memory: each peer once, `any` once, and nobody executes what is unprotected. */
export const memoryHolders: Check = ({ items }, report) => {
  for (const item of items) {
    if (item.kind !== 'memory') continue
    const memory = item.name.text
    const unprotected = item.memoryKind.text === 'unprotected'
    const seen = new Map<string, Span>()
    for (const { holder, rights } of item.mappings) {
      const key = holder.kind === 'peer' ? holder.name.text : holder.kind
      const first = seen.get(key)
      seen.set(key, first ?? holder.span)
      if (first !== undefined && holder.kind === 'any') report(messages.severalAny({ memory, first }, holder.span))
      if (first !== undefined && holder.kind === 'peer') {
        report(messages.listedTwice({ name: key, where: `\`${memory}\``, first }, holder.span))
      }
      if (!unprotected) continue
      if (holder.kind === 'any') report(messages.anyInUnprotected({ memory }, holder.span))
      const execute = rights.find((right) => right.word === 'execute')
      if (execute !== undefined) {
        report(messages.executableUnprotected({ memory, alone: rights.length === 1 }, execute.span))
      }
    }
  }
}
