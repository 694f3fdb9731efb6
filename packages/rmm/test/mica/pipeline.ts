import { encodeBlob, type Memory, type Peer, type Policy, RIGHT, type Transition } from '@mica/policy'
import { PAGE, type RealmOptions, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'

/** Where the channels of the pipeline lie, in granules from the start of the protected half: in a table of their own. */
export const RAW = 0x200
export const CODED = 0x208
export const CLEAN = 0x210
export const NIC = 0x10
export const CHANNEL_PAGES = 2

export const at = (granule: number): number => granule * PAGE
export const NIC_IPA: number = UNPROTECTED + at(NIC)

export type Role = 'gate' | 'encoder' | 'moderator'
export const ROLES: readonly Role[] = ['gate', 'encoder', 'moderator']

const channel = (name: string, from: number, to: number, granule: number | null): Memory => ({
  name,
  kind: 'protected',
  granules: CHANNEL_PAGES,
  mappings: [
    { peer: from, rights: RIGHT.write, ipaGranule: granule },
    { peer: to, rights: RIGHT.read, ipaGranule: granule },
  ],
  paced: false,
})

/** The parts of the pipeline's policy that a test may want to change. */
export interface Parts {
  self: number
  peers: Peer[]
  memories: Memory[]
  transitions: Transition[]
}

/** The policy of one role of gate -> encoder -> moderator -> gate, closed and strict. */
export function pipelinePolicy(
  role: Role,
  rims: Readonly<Record<Role, Uint8Array>>,
  change?: (parts: Parts) => void,
): Policy {
  const parts: Parts = {
    self: ROLES.indexOf(role),
    peers: ROLES.map((name) => ({ name, gateway: name === 'gate', strict: true, rims: [rims[name]] })),
    memories: [
      channel('raw', 0, 1, RAW),
      channel('coded', 1, 2, CODED),
      channel('clean', 2, 0, CLEAN),
      {
        name: 'nic',
        kind: 'unprotected',
        granules: 1,
        mappings: [{ peer: 0, rights: RIGHT.read | RIGHT.write, ipaGranule: NIC }],
        paced: false,
      },
    ],
    transitions: [],
  }
  change?.(parts)
  return parts
}

/** Three Realms on one machine, their channels mapped, no policy uploaded. */
export class Pipeline {
  readonly host: ScriptedHost
  readonly realms: Readonly<Record<Role, ScriptedRealm>>
  readonly raw: readonly number[]
  readonly coded: readonly number[]
  readonly clean: readonly number[]

  constructor(host: ScriptedHost = new ScriptedHost(), options: RealmOptions = {}) {
    this.host = host
    host.addSharedGranuleTable()
    const make = (image: number) => host.createRealm({ ...options, image, policyGranules: 1 })
    this.realms = { gate: make(1), encoder: make(2), moderator: make(3) }
    const { gate, encoder, moderator } = this.realms
    this.raw = host.share(CHANNEL_PAGES, [gate, at(RAW)], [encoder, at(RAW)])
    this.coded = host.share(CHANNEL_PAGES, [encoder, at(CODED)], [moderator, at(CODED)])
    this.clean = host.share(CHANNEL_PAGES, [moderator, at(CLEAN)], [gate, at(CLEAN)])
  }

  get rims(): Readonly<Record<Role, Uint8Array>> {
    const { gate, encoder, moderator } = this.realms
    return { gate: gate.rim, encoder: encoder.rim, moderator: moderator.rim }
  }

  blob(role: Role, change?: (parts: Parts) => void): Uint8Array {
    return encodeBlob(pipelinePolicy(role, this.rims, change))
  }

  upload(role: Role, change?: (parts: Parts) => void): readonly [status: number, reason: number] {
    return this.realms[role].upload(this.blob(role, change))
  }

  uploadAll(order: readonly Role[] = ROLES): this {
    for (const role of order) {
      const [status, reason] = this.upload(role)
      if (status !== 0) throw new Error(`${role} was refused by rule ${reason}`)
    }
    return this
  }

  /** What each role can do with each channel, and the gate with its network page. */
  access(): Readonly<Record<string, string>> {
    const places: [Role, string, number][] = [
      ['gate', 'raw', at(RAW)],
      ['encoder', 'raw', at(RAW)],
      ['encoder', 'coded', at(CODED)],
      ['moderator', 'coded', at(CODED)],
      ['moderator', 'clean', at(CLEAN)],
      ['gate', 'clean', at(CLEAN)],
    ]
    return Object.fromEntries(
      places.map(([role, name, ipa]) => {
        const realm = this.realms[role]
        const rights = (['read', 'write', 'fetch'] as const).filter((access) =>
          [0, CHANNEL_PAGES - 1].every((page) => realm.can(access, ipa + page * PAGE)),
        )
        return [`${role} ${name}`, rights.join(' ') || '-']
      }),
    )
  }
}

/** Gives a Realm a policy without memories, in which it is alone in fact; `change` adds what it lists. */
export function uploadAlone(realm: ScriptedRealm, change: (parts: Parts) => void = () => {}): ScriptedRealm {
  const others = { encoder: new Uint8Array(32).fill(1), moderator: new Uint8Array(32).fill(2) }
  const policy = pipelinePolicy('gate', { gate: realm.rim, ...others }, (parts) => {
    parts.memories = []
    change(parts)
  })
  const [status, reason] = realm.upload(encodeBlob(policy))
  if (status !== 0) throw new Error(`refused by rule ${reason}`)
  return realm
}
