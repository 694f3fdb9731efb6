import { type Mapping, type Memory, type Policy, RIGHT, type Transition } from '@mica/policy'

/** A policy as one would jot it down: peers by name, memories with rights such as `rw` for each of them. */
export interface Sketch {
  readonly self: string
  readonly peers: Readonly<Record<string, PeerSketch>>
  readonly memories?: Readonly<Record<string, MemorySketch>>
  readonly transitions?: readonly Transition[]
}

export interface PeerSketch {
  readonly rim?: Uint8Array
  readonly rpv?: Uint8Array
  readonly gateway?: boolean
  /** Bounded by the policy at hand; true unless said otherwise. */
  readonly strict?: boolean
}

export interface MemorySketch {
  /** Granule from the start of its half; left out: wherever the host put it. */
  readonly at?: number
  readonly granules?: number
  readonly unprotected?: boolean
  readonly paced?: boolean
  /** Rights of each peer, letters of `rwxo`; `any` stands for components without a name. */
  readonly rights: Readonly<Record<string, string>>
  readonly anyCount?: number
}

/** The policy that a sketch stands for. */
export function policyOf({ self, peers, memories = {}, transitions = [] }: Sketch): Policy {
  const names = Object.keys(peers)
  return {
    self: names.indexOf(self),
    peers: Object.entries(peers).map(([name, { rim, rpv, gateway = false, strict = true }]) => {
      return { name, gateway, strict, rims: rim === undefined ? [] : [rim], ...(rpv === undefined ? {} : { rpv }) }
    }),
    memories: Object.entries(memories).map(([name, memory]) => memoryOf(name, memory, names)),
    transitions,
  }
}

function memoryOf(name: string, sketch: MemorySketch, names: readonly string[]): Memory {
  const mappings = Object.entries(sketch.rights).map(([peer, rights]): Mapping => {
    const place = { rights: rightsOf(rights), ipaGranule: sketch.at ?? null }
    if (peer !== 'any') return { peer: names.indexOf(peer), ...place }
    return { peer: null, ...place, ...(sketch.anyCount === undefined ? {} : { anyCount: sketch.anyCount }) }
  })
  const kind = sketch.unprotected === true ? 'unprotected' : 'protected'
  return { name, kind, granules: sketch.granules ?? 1, mappings, paced: sketch.paced ?? false }
}

function rightsOf(text: string): number {
  const bits: Readonly<Record<string, number>> = { r: RIGHT.read, w: RIGHT.write, x: RIGHT.execute, o: RIGHT.owner }
  return [...text].reduce((sum, letter) => sum | bits[letter]!, 0)
}
