import { encodeBlob, type Memory, type Peer, type Policy, RIGHT } from '@mica/policy'
import {
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_RTT_DESTROY,
  RMI_SGT_DESTROY,
} from '../../src/abi/index.ts'
import { RECORDS_PER_SGT } from '../../src/mica/state.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'

const TABLE_SPAN = 512 * PAGE
/** What one table of level 2 spans. */
const GIBIBYTE = 512 * TABLE_SPAN
/** Where each member has the memory that it writes, the one that it reads, and the one that all of them share. */
export const OUT = 0x2000_0000
export const IN = 0x4000_0000
export const BOARD = 0x20_0000

/** Pages that a member needs besides shared memory: RAM, tables, auxiliary granules. */
const OWN_PAGES = 64

export interface LargeGroupOptions {
  readonly members: number
  /** Granules of each member's channel to the next. */
  readonly channel: number
  /** Whether one memory more is shared by all. */
  readonly board?: boolean
  readonly change?: (policy: Policy) => Policy
}

/** A ring of Realms, each with a channel to the next; its policies are projections of one closed workflow. */
export class LargeGroup {
  readonly host: ScriptedHost
  readonly members: readonly ScriptedRealm[]
  /** Granules of the channel of each member to the next. */
  readonly channels: readonly (readonly number[])[]
  readonly #tables: readonly number[]
  readonly #options: LargeGroupOptions

  constructor(options: LargeGroupOptions) {
    this.#options = options
    const { members: count, channel, board = false } = options
    const shared = count * channel + (board ? 1 : 0)
    const tables = Math.ceil(shared / RECORDS_PER_SGT)
    const spans = 2 * count * Math.ceil(channel / 512)
    const pages = 512 + shared + tables + spans + count * OWN_PAGES
    this.host = new ScriptedHost({ dramSize: Math.ceil(pages / 512) * TABLE_SPAN, keepsEvents: false })
    this.#tables = Array.from({ length: tables }, () => this.host.addSharedGranuleTable())
    this.members = Array.from({ length: count }, (_, image) => this.#createMember(image))
    this.channels = this.members.map((member, i) =>
      this.host.share(channel, [member, OUT], [this.members[(i + 1) % count]!, IN]),
    )
    if (board) this.host.share(1, ...this.members.map((member) => [member, BOARD] as const))
  }

  #createMember(image: number): ScriptedRealm {
    const member = this.host.createRealm({ image, policyGranules: 4, ramPages: 8 })
    member.addTable(GIBIBYTE, 2)
    for (const ipa of this.#spans()) member.addTable(ipa, 3)
    return member
  }

  /** Where the tables of level 3 begin that a member has besides those of every test Realm. */
  #spans(): readonly number[] {
    const count = Math.ceil(this.#options.channel / 512)
    return [OUT, IN].flatMap((base) => Array.from({ length: count }, (_, span) => base + span * TABLE_SPAN))
  }

  policy(self: number): Policy {
    const { channel, board = false, change = (policy) => policy } = this.#options
    const { members } = this
    const peers = members.map(({ rim }, i): Peer => ({ name: `m${i}`, gateway: false, strict: true, rims: [rim] }))
    const ring = members.map(
      (_, i): Memory => ({
        name: `c${i}`,
        kind: 'protected',
        granules: channel,
        mappings: [
          { peer: i, rights: RIGHT.write, ipaGranule: OUT / PAGE },
          { peer: (i + 1) % members.length, rights: RIGHT.read, ipaGranule: IN / PAGE },
        ],
        paced: false,
      }),
    )
    const shared: Memory = {
      name: 'board',
      kind: 'protected',
      granules: 1,
      mappings: members.map((_, peer) => ({ peer, rights: RIGHT.read | RIGHT.write, ipaGranule: BOARD / PAGE })),
      paced: false,
    }
    return change({ self, peers, memories: board ? [...ring, shared] : ring, transitions: [] })
  }

  /** Uploads the policy of one member, which has to be accepted. Milliseconds that it took. */
  upload(self: number): number {
    const blob = encodeBlob(this.policy(self))
    const start = performance.now()
    const [status, reason] = this.members[self]!.upload(blob)
    const ms = performance.now() - start
    if (status !== 0) throw new Error(`member ${self} was refused by rule ${reason}`)
    return ms
  }

  /** Uploads the policies of all members from the first up to `last`. Milliseconds of the last one. */
  uploadUpTo(last: number): number {
    let ms = 0
    for (let self = 0; self <= last; self++) ms = this.upload(self)
    return ms
  }

  /** Lets every member write to the first and last page of its channel, and the next one read it. */
  pass(): void {
    const places = [0, this.#options.channel * PAGE - 8]
    for (const [i, member] of this.members.entries()) {
      const reader = this.members[(i + 1) % this.members.length]!
      for (const place of places) {
        const { exception } = member.perform((cpu) => cpu.store64(OUT + place, BigInt(1000 * i + place)))
        const { value } = reader.perform((cpu) => cpu.load64(IN + place))
        if (exception !== undefined || value !== BigInt(1000 * i + place))
          throw new Error(`${i} does not reach the next`)
      }
    }
  }

  /** Takes everything away from all members, and every granule back to the host. */
  takeApart(): void {
    const { host, members } = this
    const { channel, board = false } = this.#options
    for (const { rd, rec, ram } of members) {
      host.demand(RMI_REC_DESTROY, rec)
      for (const base of board ? [BOARD] : []) host.demand(RMI_DATA_DESTROY_SHARED, rd, base)
      for (const base of [OUT, IN]) {
        for (let page = 0; page < channel; page++) host.demand(RMI_DATA_DESTROY_SHARED, rd, base + page * PAGE)
      }
      for (const [page] of ram.entries()) host.demand(RMI_DATA_DESTROY, rd, RAM + page * PAGE)
      const leaves = [0, UNPROTECTED].flatMap((base) => [base, base + TABLE_SPAN])
      for (const ipa of [...this.#spans(), ...leaves]) host.demand(RMI_RTT_DESTROY, rd, ipa, 3)
      for (const ipa of [0, GIBIBYTE, UNPROTECTED]) host.demand(RMI_RTT_DESTROY, rd, ipa, 2)
      host.demand(RMI_REALM_DESTROY, rd)
    }
    for (const table of this.#tables) host.demand(RMI_SGT_DESTROY, table)
    for (const granule of [...this.channels.flat(), ...this.#tables]) host.demand(RMI_GRANULE_UNDELEGATE, granule)
  }
}
