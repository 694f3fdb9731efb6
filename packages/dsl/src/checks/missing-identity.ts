import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** A peer without identity is whoever comes first. */
export const missingIdentity: Check = ({ scope }, report) => {
  for (const { name, identity } of scope.peers.values()) {
    if (identity === undefined) report(messages.noIdentity({ peer: name.text }, name.span))
  }
}
