import type { IdRange, TransitionClass } from '../model.ts'
import { FORCED } from '../transition-ids.ts'
import { type FlowGraph, reads, writes } from './graph.ts'

/** What the host learns from a peer without any edge: that something happened, and when. Its bytes say nothing. */
export interface TransitionResidual {
  readonly peer: string
  /** `scrubbed` is what a policy lists, `forced` what every Realm shows. */
  readonly kind: 'scrubbed' | 'forced'
  readonly class: TransitionClass
  readonly ranges: readonly IdRange[]
  readonly origin: unknown
}

/**
 * What a reader of a paced memory can tell its writers: "one more slot", at most once per quantum. It is an edge, which
 * assertions count; its rate is what a report adds.
 */
export interface PacingResidual {
  /** The reader, or `any of NAME`. */
  readonly peer: string
  readonly kind: 'paced'
  readonly memory: string
  readonly writers: readonly string[]
  /** One or none. */
  readonly bitsPerQuantum: 1
  readonly origin: unknown
}

export type Residual = TransitionResidual | PacingResidual

/** All residuals of a graph: by peer its listed ones, then the forced ones; then those of paced memories. */
export function residuals(graph: FlowGraph): readonly Residual[] {
  return [...graph.network.peers.flatMap(residualsOfPeer), ...pacing(graph)]
}

function residualsOfPeer({ name, transitions, origin }: FlowGraph['network']['peers'][number]): TransitionResidual[] {
  const scrubbed = transitions.filter(({ action }) => action === 'scrub')
  return [
    ...scrubbed.map(
      (transition): TransitionResidual => ({
        peer: name,
        kind: 'scrubbed',
        class: transition.class,
        ranges: transition.ranges,
        origin: transition.origin ?? origin,
      }),
    ),
    ...FORCED.map(
      (forced): TransitionResidual => ({
        peer: name,
        kind: 'forced',
        class: forced.class,
        ranges: forced.ranges,
        origin,
      }),
    ),
  ]
}

function pacing({ network: { peers, memories } }: FlowGraph): readonly PacingResidual[] {
  return memories.flatMap(({ name: memory, paced, mappings, origin }) => {
    if (!paced) return []
    const nameOf = (peer: number | null): string => (peer === null ? `any of ${memory}` : peers[peer]!.name)
    const writers = mappings.filter(({ rights }) => writes(rights)).map(({ peer }) => nameOf(peer))
    return mappings
      .filter(({ rights }) => reads(rights))
      .map(({ peer }) => ({ peer: nameOf(peer), kind: 'paced' as const, memory, writers, bitsPerQuantum: 1, origin }))
  })
}
