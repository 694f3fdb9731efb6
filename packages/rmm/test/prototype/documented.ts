import { readFileSync } from 'node:fs'
import {
  encodePolyV1,
  type Mapping,
  type Memory,
  type Policy,
  type Transition,
  type TransitionAction,
  type TransitionClass,
} from '@mica/policy'

/** A policy of the prototype, in the shape of its JSON: rights, address and count of each mapping are one text. */
interface PolicyText {
  readonly self: string
  /** By name: number, then `gateway` and `strict` where they are set. */
  readonly peers: Readonly<Record<string, string>>
  /** By name: pages, and by peer or `ANY` rights, place and count. */
  readonly memories: Readonly<Record<string, Readonly<Record<string, string | number>>>>
  /** Owner, type, action and values. */
  readonly flows?: readonly string[]
}

/** A blob that is another with some bytes put in, then changed, appended or cut off. */
interface AlteredText {
  readonly of: string
  /** Hex by offset. */
  readonly insert?: Readonly<Record<string, string>>
  readonly set?: Readonly<Record<string, string>>
  readonly append?: string
  readonly length?: number
  /** What is added to every address. */
  readonly base?: string
}

/** What the prototype does in one situation, by its documentation. */
export interface Row {
  readonly id: string
  /** Section of the documentation. */
  readonly section: string
  readonly text: string
  /** Pages of each memory that is shared; 2 by default. */
  readonly pages?: number
  /** Images by Realm, where two have one. */
  readonly images?: Readonly<Record<string, number>>
  /** Actions of host and Realms; what is observed of one stands after a colon, as the prototype shows it. */
  readonly steps: readonly string[]
  /** Where a policy is refused there and here: the rule that refuses it here, and what in the blob it is about. */
  readonly refusal?: string
}

/** Where this monitor does something else on purpose. */
export interface Deviation {
  readonly row: string
  /** Number of the weakness that is mended by it, or the section where that has none. */
  readonly weakness: string
  /** The steps that end otherwise, with how they do. */
  readonly ours: readonly string[]
  readonly reason: string
  /** The test that shows it, from the folder of tests. */
  readonly test: string
}

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const table: {
  readonly policies: Readonly<Record<string, PolicyText>>
  readonly altered: Readonly<Record<string, AlteredText>>
  readonly rows: readonly Row[]
} = JSON.parse(read('documented.json'))

export const ROWS: readonly Row[] = table.rows
export const DEVIATIONS: readonly Deviation[] = JSON.parse(read('deviations.json'))

/** Granules of the prototype's two devices, in the protected half: `A`, `B`, or so many pages behind one. */
const PLACES: Readonly<Record<string, number>> = { A: 0x200, B: 0x2000 }

/** The granule that a place of the table stands for. */
export function granuleOf(place: string): number {
  const [device = '', page = '0'] = place.split('+')
  return PLACES[device]! + Number(page)
}

/** A policy of the table, before it is written. */
export function policyNamed(name: string): Policy {
  const { self, peers, memories, flows = [] } = table.policies[name]!
  const names = Object.keys(peers)
  return {
    self: names.indexOf(self),
    peers: Object.entries(peers).map(([peer, text]) => {
      const [label, ...flags] = text.split(' ')
      return {
        name: peer,
        label: Number(label),
        gateway: flags.includes('gateway'),
        strict: flags.includes('strict'),
        rims: [],
      }
    }),
    memories: Object.entries(memories).map(([memory, { pages, ...mappings }]): Memory => {
      const places = Object.entries(mappings).map(([peer, text]) => mappingOf(names, peer, String(text)))
      return { name: memory, kind: 'protected', granules: Number(pages), mappings: places, paced: false }
    }),
    transitions: flows.map((text) => flowOf(names, text)),
  }
}

function mappingOf(names: readonly string[], peer: string, text: string): Mapping {
  const [rights = '', place = '', count] = text.split(' ')
  const own = { rights: { R: 1, W: 2, RW: 3 }[rights]!, ipaGranule: granuleOf(place) }
  if (peer !== 'ANY') return { peer: names.indexOf(peer), ...own }
  return { peer: null, ...own, ...(count === '-1' ? {} : { anyCount: Number(count) }) }
}

function flowOf(names: readonly string[], text: string): Transition {
  const [owner = '', type = '', action = '', ...values] = text.split(' ')
  return {
    peer: names.indexOf(owner),
    class: type.toLowerCase() as TransitionClass,
    action: action.toLowerCase() as TransitionAction,
    ranges: values.map((value) => [Number(value), Number(value)] as const),
  }
}

/** The bytes of a policy of the table, or of an altered one. */
export function blobNamed(name: string): Uint8Array {
  const altered = table.altered[name]
  if (altered === undefined) return written(policyNamed(name))
  const { of, insert = {}, set = {}, append = '', length, base = '0' } = altered
  let whole = written(moved(policyNamed(of), Number(base) / 4096))
  for (const [at, hex] of Object.entries(insert)) {
    whole = Uint8Array.of(...whole.subarray(0, Number(at)), ...Buffer.from(hex, 'hex'), ...whole.subarray(Number(at)))
  }
  const blob = Uint8Array.of(...whole.subarray(0, length ?? whole.length), ...Buffer.from(append, 'hex'))
  for (const [at, hex] of Object.entries(set)) blob.set(Buffer.from(hex, 'hex'), Number(at))
  return blob
}

function written(policy: Policy): Uint8Array {
  const encoded = encodePolyV1(policy)
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  return encoded.blob
}

/** A policy whose addresses are so many granules further. */
export function moved(policy: Policy, granules: number): Policy {
  const memories = policy.memories.map((memory) => ({
    ...memory,
    mappings: memory.mappings.map((mapping) => ({ ...mapping, ipaGranule: mapping.ipaGranule! + granules })),
  }))
  return { ...policy, memories }
}
