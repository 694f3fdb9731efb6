import type { TransitionClass } from '../model.ts'
import { idsOfName, SERROR, WFX } from '../transition-ids.ts'
import { type FlowGraph, reads, writes } from './graph.ts'
import type { NetworkTransition } from './network.ts'

/**
 * What the host sees of one component by one edge between them: how many bytes the component may choose, as an upper
 * bound. What a scrubbed exit shows is no such edge; see `residuals`.
 */
export interface HostVisible {
  /** The peer, or `any of NAME`. */
  readonly component: string
  /**
   * `memory`: it writes unprotected memory, `bytes` at any time. `exit`: a transition that is allowed, `bytes` each
   * time. `unbounded`: it is open, has no identity or is `any`, so nothing here bounds what it shows.
   */
  readonly kind: 'memory' | 'exit' | 'unbounded'
  /** The memory's name; the class of the transition; the reason why there is no bound. */
  readonly through: string
  /** `undefined` if there is no bound. */
  readonly bytes: number | undefined
  readonly origin: unknown
}

const GRANULE = 4096

/** Bytes that a Realm chooses in the exit record of an allowed transition (RmiRecExit, DEN0137). */
const EXIT_BYTES: Readonly<Record<TransitionClass, readonly (readonly [name: string, bytes: number])[]>> = {
  call: [
    // imm, and 31 general registers.
    ['host_call', 2 + 31 * 8],
    // Base, top and value.
    ['ripas', 17],
    // Function and three arguments.
    ['psci', 4 * 8],
  ],
  exception: [
    // ESR, FAR, HPFAR, and the register that is stored.
    ['data_abort', 4 * 8],
    ['instruction_abort', 3 * 8],
    // ESR and the register that is written.
    ['sysreg', 2 * 8],
  ],
  interrupt: [],
}

/** Bytes of an exit of a class that has no word: ESR, FAR and HPFAR. */
const OTHER_EXCEPTION = 3 * 8
/** ESR alone: exits that say no address. */
const ONLY_ESR = 8

/** Every edge by which the host sees something of a component, in order of peers, then of memories. */
export function hostVisible(graph: FlowGraph): readonly HostVisible[] {
  const { peers, memories } = graph.network
  const found: HostVisible[] = []
  for (const { name, open, identified, transitions, origin } of peers) {
    const unbounded = open ? 'open' : identified ? undefined : 'without identity'
    if (unbounded !== undefined) {
      found.push({ component: name, kind: 'unbounded', through: unbounded, bytes: undefined, origin })
    }
    for (const transition of transitions) {
      const bytes = transition.action === 'allow' ? bytesOfExit(transition) : 0
      if (bytes === 0) continue
      const through = transition.class
      found.push({ component: name, kind: 'exit', through, bytes, origin: transition.origin ?? origin })
    }
  }
  for (const { name, kind, granules, mappings, origin } of memories) {
    for (const { peer, rights } of mappings) {
      if (peer === null && reads(rights)) {
        found.push({ component: `any of ${name}`, kind: 'unbounded', through: 'any', bytes: undefined, origin })
      }
      if (peer === null || kind !== 'unprotected' || !writes(rights)) continue
      const component = peers[peer]!.name
      found.push({ component, kind: 'memory', through: name, bytes: granules * GRANULE, origin })
    }
  }
  return found
}

/** The most that one exit of a rule shows: ids that never lead to the host show nothing. */
export function bytesOfExit({ class: transitionClass, ranges }: NetworkTransition): number {
  const meets = (first: number, last: number): boolean => ranges.some(([from, to]) => from <= last && first <= to)
  const named = EXIT_BYTES[transitionClass].flatMap(([name, bytes]) => {
    const ids = idsOfName(transitionClass, name) ?? []
    return ids.some(([first, last]) => meets(first, last)) ? [bytes] : []
  })
  if (transitionClass !== 'exception') return Math.max(0, ...named)
  const known = [SERROR, WFX, ...EXIT_BYTES.exception.flatMap(([name]) => idsOfName('exception', name)![0]![0])]
  const others = ranges.some(([first, last]) => {
    const inside = known.filter((id) => first <= id && id <= last)
    return inside.length < last - first + 1
  })
  return Math.max(0, ...named, meets(WFX, WFX) || meets(SERROR, SERROR) ? ONLY_ESR : 0, others ? OTHER_EXCEPTION : 0)
}
