import { type FlowGraph, hostVisible, PACED_BITS_PER_SECOND, residuals } from '@mica/policy'
import { printIds } from './ids.ts'

/** What the host sees of one component by one way, in words that follow "the host sees of it". */
export interface Exposure {
  readonly component: string
  readonly text: string
}

/**
 * Everything that the host sees of components: how much of what it can read, then what it notices of exits that are
 * scrubbed. What it notices of every Realm is not listed.
 */
export function describeExposures(graph: FlowGraph): readonly Exposure[] {
  const visible = hostVisible(graph).map(({ component, kind, through, bytes }) => {
    if (kind === 'memory') return { component, text: `up to ${bytes} bytes in ${through}` }
    if (kind === 'exit') return { component, text: `up to ${bytes} bytes with each allowed ${through}` }
    return { component, text: `anything: it is ${through}` }
  })
  const scrubbed = residuals(graph).flatMap((residual) =>
    residual.kind === 'scrubbed'
      ? [
          {
            component: residual.peer,
            text: `that, and when, ${residual.class} ${printIds(residual.class, residual.ranges)} happens`,
          },
        ]
      : [],
  )
  return [...visible, ...scrubbed]
}

/** What readers of paced memories can tell its writers, in words. */
export function describePacing(graph: FlowGraph): readonly Exposure[] {
  return residuals(graph).flatMap((residual) =>
    residual.kind === 'paced'
      ? [
          {
            component: residual.peer,
            text: `${residual.bitsPerQuantum} bit a quantum (${PACED_BITS_PER_SECOND} a second) to ${residual.writers.join(', ')}, through ${residual.memory}`,
          },
        ]
      : [],
  )
}

/** Who has a clock that goes on while others run, in words. */
export function describeClocks(graph: FlowGraph): readonly Exposure[] {
  return residuals(graph).flatMap((residual) =>
    residual.kind === 'time' ? [{ component: residual.peer, text: 'how much others have run, by the clock' }] : [],
  )
}
