import { type Policy, type Workflow, wholePolicy } from '@mica/policy'
import type { Span } from '../syntax/span.ts'
import type { Program } from './program.ts'

/** One tenant's own view: the policy that it uploads. */
export interface PolicyView {
  readonly name: string
  /** Whose policy it is: a name in it. */
  readonly peer: string
  readonly policy: Policy
  /** The same as a graph that can be asked, with images, trust and assertions. */
  readonly workflow: Workflow
  /** Where its name is. */
  readonly origin: Span
}

/**
 * The view that a `policy` is, with everything that it says.
 *
 * @param workflow The program's, perhaps with measurements that it does not have itself.
 */
export function viewOf({ body, asserted }: Program, workflow: Workflow): PolicyView | undefined {
  if (body?.kind !== 'policy') return undefined
  const self = workflow.peers.findIndex(({ name }) => name === body.peer.text)
  if (self < 0) return undefined
  const whole = wholePolicy(workflow, self)
  const policy = asserted === undefined ? whole : { ...whole, assertionDigest: asserted.digest.bytes }
  return { name: body.name.text, peer: body.peer.text, policy, workflow, origin: body.name.span }
}
