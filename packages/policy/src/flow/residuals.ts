import type { IdRange, TransitionClass } from '../model.ts'
import { FORCED, MICA_RSI } from '../transition-ids.ts'
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

/**
 * What a bit a quantum is in a second of the reader's own time, at most: monitors take a quantum of 2^20 ticks of a counter
 * of 50 MHz, unless they are configured otherwise.
 */
export const PACED_BITS_PER_SECOND = 48

/** That a peer has the clock of the machine, which goes on whoever runs: it can tell how much others have run. */
export interface TimeResidual {
  readonly peer: string
  readonly kind: 'time'
  readonly origin: unknown
}

export type Residual = TransitionResidual | PacingResidual | TimeResidual

/** All residuals of a graph: by peer its listed ones, then the forced ones; then those of paced memories, then clocks. */
export function residuals(graph: FlowGraph): readonly Residual[] {
  return [...graph.network.peers.flatMap(residualsOfPeer), ...pacing(graph), ...clocks(graph)]
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

function clocks({ network: { peers } }: FlowGraph): readonly TimeResidual[] {
  const granted = peers.filter(({ transitions }) =>
    transitions.some((rule) => rule.class === 'call' && rule.action === 'allow' && hasId(rule.ranges, MICA_RSI.TIME)),
  )
  return granted.map(({ name, origin }) => ({ peer: name, kind: 'time', origin }))
}

function hasId(ranges: readonly IdRange[], id: number): boolean {
  return ranges.some(([first, last]) => first <= id && id <= last)
}
