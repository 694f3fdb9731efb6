import { encodeBlob, type Mapping, type Memory, type Policy, RIGHT, ruleOfNumber, type Transition } from '@mica/policy'
import { expect } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { UPLOAD_RULES } from '../../src/mica/refusal.ts'
import { PAGE, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

/** A policy as an attacker would jot it down: peers by name, memories with rights such as `rw` for each of them. */
export interface Sketch {
  readonly self: string
  readonly peers: Readonly<Record<string, PeerSketch>>
  readonly memories?: Readonly<Record<string, MemorySketch>>
  readonly transitions?: readonly Transition[]
}

interface PeerSketch {
  readonly rim?: Uint8Array
  readonly rpv?: Uint8Array
  readonly gateway?: boolean
  /** Bounded by the policy at hand; true unless said otherwise. */
  readonly strict?: boolean
}

interface MemorySketch {
  /** Granule from the start of its half; left out: wherever the host put it. */
  readonly at?: number
  readonly granules?: number
  readonly unprotected?: boolean
  /** Rights of each peer; `any` stands for components without a name. */
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
  return { name, kind, granules: sketch.granules ?? 1, mappings, paced: false }
}

function rightsOf(text: string): number {
  const bits: Readonly<Record<string, number>> = { r: RIGHT.read, w: RIGHT.write, x: RIGHT.execute }
  return [...text].reduce((sum, letter) => sum | bits[letter]!, 0)
}

/** Uploads a policy, and says what came of it: `accepted`, or the name of the rule that refused it. */
export function upload(realm: ScriptedRealm, policy: Sketch | Policy | Uint8Array): string {
  const blob =
    policy instanceof Uint8Array
      ? policy
      : encodeBlob('memories' in policy && isPolicy(policy) ? policy : policyOf(policy as Sketch))
  const [status, reason] = realm.upload(blob)
  if (status === 0) return 'accepted'
  return status === 2 ? 'not looked at' : ruleName(reason)
}

function isPolicy(policy: Sketch | Policy): policy is Policy {
  return typeof policy.self === 'number'
}

/** The name of a rule that the monitor gave the number of. */
export function ruleName(reason: number): string {
  const own = Object.entries(UPLOAD_RULES).find(([, number]) => number === reason)?.[0]
  return ruleOfNumber(reason) ?? own ?? `rule ${reason}`
}

/** Does something that must have no effect at all on the machine, and returns what it answered. */
export function withoutEffect<T>(host: ScriptedHost, attack: () => T, except?: RegExp): T {
  const before = machineState(host, except)
  const answer = attack()
  expect(machineState(host, except)).toBe(before)
  return answer
}

/** What a refusal leaves behind: its count, and the answer in the registers of the guest. */
export const REFUSAL = /\.guest\.|\.refusals /

/** A machine with `count` Realms of different images, room for their policies, and no shared memory yet. */
export function stage(count: number): { readonly host: ScriptedHost; readonly realms: readonly ScriptedRealm[] } {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const realms = Array.from({ length: count }, (_, image) => host.createRealm({ image, policyGranules: 1 }))
  return { host, realms }
}

/** The first eight bytes that a Realm finds at an address, or the exception that it takes. */
export function look(realm: ScriptedRealm, ipa: number): bigint | string | undefined {
  const { value, exception } = realm.perform((cpu) => cpu.load64(ipa))
  return exception ?? value
}

/** Eight bytes that a Realm puts at an address; the exception that it takes, if it does. */
export function put(realm: ScriptedRealm, ipa: number, value: bigint): string | undefined {
  return realm.perform((cpu) => cpu.store64(ipa, value)).exception
}

/** What a Realm can do at an address, as rights. */
export function rightsAt(realm: ScriptedRealm, ipa: number): string {
  const letters = { read: 'r', write: 'w', fetch: 'x' } as const
  const rights = (['read', 'write', 'fetch'] as const).filter((access) => realm.can(access, ipa))
  return rights.map((access) => letters[access]).join('') || '-'
}

/** A value that nobody but its writer knows. */
export const SECRET = 0x5ec7_e75e_c7e7n

/** Where the channel of {@link linked} lies. */
export const LINK_GRANULE = 0x200
export const LINK: number = LINK_GRANULE * PAGE

/** Two Realms with a channel `link` from left to right. */
export interface Linked {
  readonly host: ScriptedHost
  readonly left: ScriptedRealm
  readonly right: ScriptedRealm
  /** The granule of the channel. */
  readonly granule: number
  /** What both authors agreed on, as one of the two sees it. */
  readonly policy: (self: 'left' | 'right') => Sketch
}

/** Builds both Realms and maps the channel; no policy is uploaded. */
export function linked(): Linked {
  const { host, realms } = stage(2)
  const [left, right] = [realms[0]!, realms[1]!]
  const [granule] = host.share(1, [left, LINK], [right, LINK])
  const policy = (self: 'left' | 'right'): Sketch => ({
    self,
    peers: { left: { rim: left.rim }, right: { rim: right.rim } },
    memories: { link: { at: LINK_GRANULE, rights: { left: 'w', right: 'r' } } },
  })
  return { host, left, right, granule: granule!, policy }
}

/** As {@link linked}, with both policies in force. */
export function joined(): Linked {
  const pair = linked()
  for (const self of ['left', 'right'] as const) expect(upload(pair[self], pair.policy(self))).toBe('accepted')
  return pair
}
