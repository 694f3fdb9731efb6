import { encodeBlob, type Policy, ruleOfNumber } from '@mica/policy'
import { expect } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { policyOf, type Sketch } from '../../lab/policy-sketch.ts'
import { UPLOAD_RULES } from '../../src/mica/refusal.ts'
import { PAGE, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

export { policyOf, type Sketch } from '../../lab/policy-sketch.ts'

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
