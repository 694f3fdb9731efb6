import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Strangers that share one memory both ways can read each other, which is rarely meant. */
export const sharingStrangers: Check = ({ items, memoriesOf }, report) => {
  for (const item of items) {
    if (item.kind !== 'channel' || item.arrow !== 'both-ways') continue
    const any = [...item.tail, ...item.head].find((end) => end.kind === 'any' && !end.each)
    const memory = memoriesOf.get(item.span)?.[0]
    const strangers = memory?.mappings.find((mapping) => mapping.peer === null)
    if (any === undefined || memory === undefined || strangers === undefined || strangers.anyCount === 1) continue
    const facts = { memory: memory.name, counted: strangers.anyCount !== undefined }
    report(messages.strangersReadEachOther(facts, any.span))
  }
}
