import { explore } from '../explorer/explore.ts'
import { PAIR } from '../explorer/scenarios/pair.ts'
import { WINDOWS } from '../explorer/scenarios/pipeline.ts'
import type { BenchRow } from './delegate.ts'

const SECONDS = 4

/**
 * Measures the explorer: states of two Realms with a channel, each with everything that host and guests can do in it, and
 * with all that is checked of it.
 */
export function rows(): readonly BenchRow[] {
  // Before it counts, so that what is measured is compiled.
  explore(WINDOWS)
  const start = performance.now()
  const { states, transitions } = explore(PAIR, { isOver: () => performance.now() - start > SECONDS * 1000 })
  const seconds = (performance.now() - start) / 1000
  return [
    { name: 'explorer.states_per_s', value: Math.round(states / seconds), unit: 'states/s' },
    { name: 'explorer.transitions_per_s', value: Math.round(transitions / seconds), unit: 'transitions/s' },
  ]
}
