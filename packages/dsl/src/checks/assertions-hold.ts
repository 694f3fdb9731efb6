import { type Assertion, flowGraph, type Hop, judge, printAssertion, writersOf } from '@mica/policy'
import type { Related } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import { describeHop } from '../print/hop.ts'
import { isSpan, type Span } from '../syntax/span.ts'
import type { Check } from './check.ts'

/** What the author says of the result is true of it; if not, the shortest path shows why. */
export const assertionsHold: Check = ({ workflow, assertions, scope }, report) => {
  if (assertions.length === 0) return
  const items = new Map<Assertion, Span>(assertions.map(({ item, assertion }) => [assertion, item.span]))
  const graph = flowGraph(workflow)
  for (const { assertion, holds, reason, path } of judge(graph, workflow.assertions)) {
    const span = items.get(assertion)
    if (holds || span === undefined) continue
    const hops = (path ?? []).flatMap((hop, index) => placeOf(hop, index))
    // A path from a channel begins at its readers; whoever writes it holds the same data.
    const from = path?.[0]?.from ?? ''
    const writers = writersOf(graph, from)
    const facts = { assertion: printAssertion(assertion).replace(/^assert /, ''), reason, path: hops, from, writers }
    report(messages.assertionViolated(facts, span))
  }

  /** A hop stands where its memory, its rule or its peer was written; one that nobody wrote has no place. */
  function placeOf(hop: Hop, index: number): Related[] {
    const written = [hop.origin].find(isSpan) ?? scope.placeOf(hop.from) ?? scope.placeOf(hop.to)
    return written === undefined ? [] : [{ message: `${index + 1}. ${describeHop(hop)}`, span: written }]
  }
}
