import type { IdRange, TransitionClass } from '../model.ts'
import { FORCED } from '../transition-ids.ts'
import type { FlowGraph } from './graph.ts'

/**
 * What the host learns from a peer without any edge: that something happened, and when. `scrubbed` is what a policy
 * lists, `forced` what every Realm shows. The bytes of the exit say nothing.
 */
export interface Residual {
  readonly peer: string
  readonly kind: 'scrubbed' | 'forced'
  readonly class: TransitionClass
  readonly ranges: readonly IdRange[]
  readonly origin: unknown
}

/** All residuals of a graph, by peer: its listed ones first, then the forced ones. */
export function residuals(graph: FlowGraph): readonly Residual[] {
  return graph.network.peers.flatMap(({ name, transitions, origin }) => [
    ...transitions
      .filter(({ action }) => action === 'scrub')
      .map(
        (transition): Residual => ({
          peer: name,
          kind: 'scrubbed',
          class: transition.class,
          ranges: transition.ranges,
          origin: transition.origin ?? origin,
        }),
      ),
    ...FORCED.map(
      (forced): Residual => ({ peer: name, kind: 'forced', class: forced.class, ranges: forced.ranges, origin }),
    ),
  ])
}
