import { NAME_BYTES } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import { type Span, writtenUse } from '../syntax/span.ts'
import type { Check } from './check.ts'

/** Names fit into a blob. They are ASCII, so characters are bytes. */
export const nameLengths: Check = ({ body, items, memoriesOf }, report) => {
  const check = (name: string, span: Span): void => {
    if (name.length <= NAME_BYTES) return
    const use = writtenUse(span)
    if (use === undefined) report(messages.nameTooLong({ name, limit: NAME_BYTES }, span))
    else report(messages.instanceNameTooLong({ name, limit: NAME_BYTES, item: { ...span, use: undefined } }, use))
  }
  if (body !== undefined) check(body.name.text, body.name.span)
  for (const other of items) {
    if (other.kind !== 'peer' && other.kind !== 'channel' && other.kind !== 'memory') continue
    check(other.name.text, other.name.span)
    if (other.kind !== 'channel' || other.name.text.length > NAME_BYTES) continue
    // The number that `each any(n)` appends may be what is too much; the longest name is the last.
    const last = memoriesOf.get(other.span)?.at(-1)
    if (last !== undefined && last.name !== other.name.text) check(last.name, other.name.span)
  }
}
