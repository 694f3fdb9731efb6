import { translatePolyV1 } from '@mica/policy'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REALM_PD,
  RMI_REC_DESTROY,
  RMI_RTT_DESTROY,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_HOST_CALL,
  RSI_MEASUREMENT_EXTEND,
  RSI_VERSION,
} from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { upload } from '../attacks/arena.ts'
import { groupToken, open } from '../mica/group-evidence.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { blobNamed, granuleOf, type Row } from './documented.ts'

const TABLE_SPAN = 512 * PAGE
/** Bytes of DRAM besides shared memory. */
const DRAM = 0x100_0000
/** Pages that tables of level 3 cover in every test Realm. */
const COVERED = 1024

/** The actions of a row, on a machine of its own. */
export class Situation {
  readonly #row: Row
  readonly #pages: number
  readonly #host: ScriptedHost
  readonly #realms = new Map<string, ScriptedRealm>()
  readonly #shared = new Map<string, readonly number[]>()
  readonly #tables = new Map<ScriptedRealm, number[]>()
  /** Why the last policy that was refused was: the rule, and the place in the blob if it is about that alone. */
  refusal: string | undefined

  constructor(row: Row) {
    this.#row = row
    this.#pages = row.pages ?? 2
    this.#host = new ScriptedHost({ dramSize: DRAM + Math.ceil(this.#pages / 512) * TABLE_SPAN, keepsEvents: false })
    for (let tables = 0; tables <= this.#pages / 512; tables++) this.#host.addSharedGranuleTable()
  }

  /** What comes of one action, in the words of the table. */
  act(action: string): string {
    const [verb = '', ...words] = action.split(' ')
    const act = ACTIONS[verb]
    if (act === undefined) throw new Error(`the table has no action ${verb}`)
    return act(this, words)
  }

  get host(): ScriptedHost {
    return this.#host
  }

  /** A Realm of the row: made when it is first mentioned. */
  realm(name = ''): ScriptedRealm {
    const known = this.#realms.get(name)
    if (known !== undefined) return known
    const image = this.#row.images?.[name] ?? 100 + this.#realms.size
    const realm = this.#host.createRealm({ image, policyGranules: 1 })
    this.#realms.set(name, realm)
    return realm
  }

  /** The granules that stand for a device of the host's. */
  shared(name = ''): readonly number[] {
    const known = this.#shared.get(name)
    if (known !== undefined) return known
    const granules = Array.from({ length: this.#pages }, () => this.#host.delegated())
    this.#shared.set(name, granules)
    return granules
  }

  /** Maps granules one after the other, as a Realm's first access to each lets the host do. */
  prefault(realm: ScriptedRealm, granules: readonly number[], place: string): string {
    const first = granuleOf(place)
    const statuses = granules.map((granule, page) => {
      this.#reach(realm, first + page)
      return this.#host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, granule, (first + page) * PAGE)[0]
    })
    return done(statuses.every((status) => status === 0))
  }

  #reach(realm: ScriptedRealm, granule: number): void {
    const span = Math.floor(granule / 512)
    const tables = this.#tables.get(realm) ?? []
    if (granule < COVERED || tables.includes(span)) return
    realm.addTable(span * TABLE_SPAN, 3)
    this.#tables.set(realm, [...tables, span])
  }

  /** Takes a Realm down, as far as the host can. */
  destroy(realm: ScriptedRealm): string {
    const { rd, rec, ram } = realm
    const host = this.#host
    host.status(RMI_REC_DESTROY, rec)
    for (const place of ['A', 'B']) {
      const first = granuleOf(place)
      for (let page = 0; page < this.#pages; page++) {
        host.status(RMI_DATA_DESTROY_SHARED, rd, (first + page) * PAGE)
      }
    }
    for (const [page] of ram.entries()) host.status(RMI_DATA_DESTROY, rd, RAM + page * PAGE)
    const spans = (this.#tables.get(realm) ?? []).map((span) => span * TABLE_SPAN)
    for (const ipa of [...spans, 0, TABLE_SPAN, UNPROTECTED, UNPROTECTED + TABLE_SPAN]) {
      host.status(RMI_RTT_DESTROY, rd, ipa, 3)
    }
    for (const ipa of [0, UNPROTECTED]) host.status(RMI_RTT_DESTROY, rd, ipa, 2)
    return done(host.status(RMI_REALM_DESTROY, rd)[0] === 0)
  }
}

/** Where in a blob something is that no policy may say; nothing if what it says alone is not the reason. */
function placeOfFault(blob: Uint8Array): string {
  const read = translatePolyV1(blob)
  return read.kind === 'refused' ? String(read.fact.facts['where'] ?? '') : ''
}

type Action = (situation: Situation, words: readonly string[]) => string

const done = (success: boolean): string => (success ? 'done' : 'refused')
const works = (success: boolean): string => (success ? 'works' : 'faults')
const ipaOf = (place = ''): number => granuleOf(place) * PAGE

const ACTIONS: Readonly<Record<string, Action>> = {
  prefault: (situation, [realm, device, place = '', count]) => {
    const granules = situation.shared(device)
    return situation.prefault(situation.realm(realm), granules.slice(0, Number(count ?? granules.length)), place)
  },
  'prefault-reversed': (situation, [realm, device, place = '']) => {
    return situation.prefault(situation.realm(realm), [...situation.shared(device)].reverse(), place)
  },
  upload: (situation, [realm, policy = '']) => {
    const blob = blobNamed(policy)
    const answer = upload(situation.realm(realm), blob)
    if (answer === 'accepted') return answer
    situation.refusal = [answer, placeOfFault(blob)].join(' ').trim()
    return 'refused'
  },
  read: (situation, [realm, place]) => works(situation.realm(realm).can('read', ipaOf(place))),
  write: (situation, [realm, place]) => works(situation.realm(realm).can('write', ipaOf(place))),
  send: (situation, [writer, out, reader, into]) => {
    situation.realm(writer).perform((cpu) => cpu.store64(ipaOf(out), 77n))
    const { value } = situation.realm(reader).perform((cpu) => cpu.load64(ipaOf(into)))
    return value === 77n ? 'arrives' : 'is lost'
  },
  call: (situation, [realm, name]) => {
    const isHostCall = name === 'host_call'
    const x = isHostCall ? [RSI_HOST_CALL, BigInt(RAM)] : [RSI_VERSION, 0x1_0000n]
    const { exits, value } = situation.realm(realm).perform((cpu) => cpu.smc(x))
    // The guest waits after every job, which is an exit too.
    if (exits.length > 1) return 'exits'
    return value?.[0] === 0n ? 'answered' : 'blocked'
  },
  extend: (situation, [realm]) => done(situation.realm(realm).call(RSI_MEASUREMENT_EXTEND, 1, 8, 1)[0] === 0n),
  group: (situation, [name]) => {
    const realm = situation.realm(name)
    if (realm.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0] !== 0n) return 'refused'
    return String(open(groupToken(realm, 1n)).group.members.length)
  },
  'map-unprotected': (situation, [realm]) => {
    return done(situation.realm(realm).mapUnprotected(situation.host.page(), UNPROTECTED)[0] === 0)
  },
  unprotected: (situation, [realm]) => (situation.realm(realm).can('read', UNPROTECTED) ? 'there' : 'gone'),
  'map-private': (situation, [realm, victim, place = '']) => {
    return situation.prefault(situation.realm(realm), [situation.realm(victim).ram[3]!], place)
  },
  undelegate: (situation, [device]) => {
    return done(situation.host.status(RMI_GRANULE_UNDELEGATE, situation.shared(device)[0]!)[0] === 0)
  },
  'undelegate-policy': ({ host }) => {
    const { granules, memory } = host.rmm.monitor
    const all = Array.from({ length: memory.granules }, (_, granule) => granule)
    const pd = all.find((granule) => granules.state(granule) === GRANULE_STATE.pd)!
    return done(host.status(RMI_GRANULE_UNDELEGATE, memory.addressOf(pd))[0] === 0)
  },
  'give-policy-granule': (situation, [realm]) => {
    const { host } = situation
    return done(host.status(RMI_REALM_PD, situation.realm(realm).rd, host.delegated())[0] === 0)
  },
  destroy: (situation, [realm]) => situation.destroy(situation.realm(realm)),
}

/** A step of a row whose outcome is documented, with that and with what it is here; of a refused policy also why. */
export interface Observation {
  readonly step: string
  readonly theirs: string
  readonly ours: string
  readonly refusal?: string | undefined
}

/** The steps of a row whose outcome is documented. */
export function play(row: Row): readonly Observation[] {
  const situation = new Situation(row)
  return row.steps.flatMap((text) => {
    const [step = '', theirs] = text.split(': ')
    situation.refusal = undefined
    const ours = situation.act(step)
    return theirs === undefined ? [] : [{ step, theirs, ours, refusal: situation.refusal }]
  })
}
