import { GRANULE_SIZE } from '@mica/hw-sim'
import * as abi from '../src/abi/index.ts'

/** What the model thinks a granule is used for, in the words of the specification. */
export type ModelState =
  | 'undelegated'
  | 'delegated'
  | 'rd'
  | 'rec'
  | 'rec-aux'
  | 'rtt'
  | 'data'
  | 'pd'
  | 'sgt'
  | 'data-shared'

interface ModelRealm {
  readonly rd: number
  readonly startTables: readonly number[]
  readonly pds: number[]
  isNew: boolean
}

interface ModelRec {
  readonly rd: number
  readonly aux: readonly number[]
}

/** A command that succeeded: registers in and out, and the host's page that x2 or x3 named, if it named one. */
export interface Succeeded {
  readonly fid: bigint
  /** x1 to x6. */
  readonly args: readonly number[]
  /** x1 to x4 afterwards. */
  readonly out: readonly number[]
  readonly params: Uint8Array | undefined
}

/** Offsets in RmiRealmParams and RmiRecParams that the model needs. */
const RTT_BASE = 0x808
const RTT_NUM_START = 0x818
const NUM_AUX = 0x800
const AUX = 0x808

/**
 * The smallest account of a machine that can tell where every granule is: it knows nothing of why commands fail, and of
 * those that succeed only which granules they take and give back.
 */
export class GranuleModel {
  readonly realms: Map<number, ModelRealm> = new Map()
  readonly recs: Map<number, ModelRec> = new Map()
  readonly #states = new Map<number, ModelState>()
  readonly #sharers = new Map<number, number>()

  state(address: number): ModelState {
    return this.#states.get(address) ?? 'undelegated'
  }

  /** Every granule in a state. */
  all(state: ModelState): number[] {
    return [...this.#states].filter(([, is]) => is === state).map(([address]) => address)
  }

  /** Takes note of a success; a sentence about what it should not have succeeded with, if there is something. */
  note({ fid, args, out, params }: Succeeded): string | undefined {
    const [x1 = 0, x2 = 0] = args
    switch (fid) {
      case abi.RMI_GRANULE_DELEGATE:
        return this.#move(x1, 'undelegated', 'delegated')
      case abi.RMI_GRANULE_UNDELEGATE:
        return this.#move(x1, 'delegated', 'undelegated')
      case abi.RMI_REALM_CREATE:
        return this.#createRealm(x1, params)
      case abi.RMI_REALM_ACTIVATE: {
        const realm = this.realms.get(x1)
        if (realm?.isNew !== true) return 'a Realm that is not new was activated'
        realm.isNew = false
        return undefined
      }
      case abi.RMI_REALM_DESTROY:
        return this.#destroyRealm(x1)
      case abi.RMI_REC_CREATE:
        return this.#createRec(x1, x2, params)
      case abi.RMI_REC_DESTROY:
        return this.#destroyRec(x1)
      case abi.RMI_RTT_CREATE:
        return this.#move(x2, 'delegated', 'rtt')
      case abi.RMI_RTT_DESTROY:
      case abi.RMI_RTT_FOLD:
        return this.#move(out[0]!, 'rtt', 'delegated')
      case abi.RMI_DATA_CREATE:
        return this.realms.get(x1)?.isNew === true ? this.#move(x2, 'delegated', 'data') : 'a measured page came late'
      case abi.RMI_DATA_CREATE_UNKNOWN:
        return this.#move(x2, 'delegated', 'data')
      case abi.RMI_DATA_DESTROY:
        return this.#move(out[0]!, 'data', 'delegated')
      default:
        return this.#noteMica(fid, args, out)
    }
  }

  #noteMica(fid: bigint, [x1 = 0, x2 = 0]: readonly number[], out: readonly number[]): string | undefined {
    switch (fid) {
      case abi.RMI_REALM_PD:
        this.realms.get(x1)?.pds.push(x2)
        return this.#move(x2, 'delegated', 'pd')
      case abi.RMI_SGT:
        return this.#move(x1, 'delegated', 'sgt')
      case abi.RMI_SGT_DESTROY:
        return this.#move(x1, 'sgt', 'delegated')
      case abi.RMI_DATA_CREATE_UNKNOWN_SHARED: {
        const sharers = this.#sharers.get(x2) ?? 0
        this.#sharers.set(x2, sharers + 1)
        return sharers === 0 ? this.#move(x2, 'delegated', 'data-shared') : undefined
      }
      case abi.RMI_DATA_DESTROY_SHARED: {
        const sharers = (this.#sharers.get(out[0]!) ?? 0) - 1
        this.#sharers.set(out[0]!, sharers)
        return sharers === 0 ? this.#move(out[0]!, 'data-shared', 'delegated') : undefined
      }
      default:
        return undefined
    }
  }

  #move(address: number, from: ModelState, to: ModelState): string | undefined {
    const is = this.state(address)
    if (is !== from) return `0x${address.toString(16)} was taken as ${from} and is ${is}`
    this.#states.set(address, to)
    return undefined
  }

  #moveAll(addresses: readonly number[], from: ModelState, to: ModelState): string | undefined {
    const problems = addresses.map((address) => this.#move(address, from, to))
    return problems.find((problem) => problem !== undefined)
  }

  #createRealm(rd: number, params: Uint8Array | undefined): string | undefined {
    if (params === undefined) return 'a Realm was created from memory that the host cannot read'
    const view = new DataView(params.buffer, params.byteOffset)
    const base = Number(view.getBigUint64(RTT_BASE, true))
    const count = view.getUint32(RTT_NUM_START, true)
    const startTables = Array.from({ length: count }, (_, i) => base + i * GRANULE_SIZE)
    this.realms.set(rd, { rd, startTables, pds: [], isNew: true })
    return this.#move(rd, 'delegated', 'rd') ?? this.#moveAll(startTables, 'delegated', 'rtt')
  }

  #destroyRealm(rd: number): string | undefined {
    const realm = this.realms.get(rd)
    if (realm === undefined) return 'a Realm was destroyed that was none'
    if ([...this.recs.values()].some((rec) => rec.rd === rd)) return 'a Realm was destroyed before its RECs'
    this.realms.delete(rd)
    return (
      this.#move(rd, 'rd', 'delegated') ??
      this.#moveAll(realm.startTables, 'rtt', 'delegated') ??
      this.#moveAll(realm.pds, 'pd', 'delegated')
    )
  }

  #createRec(rd: number, rec: number, params: Uint8Array | undefined): string | undefined {
    if (this.realms.get(rd)?.isNew !== true) return 'a REC was created in a Realm that is not new'
    if (params === undefined) return 'a REC was created from memory that the host cannot read'
    const view = new DataView(params.buffer, params.byteOffset)
    const count = Number(view.getBigUint64(NUM_AUX, true))
    const aux = Array.from({ length: Math.min(count, 16) }, (_, i) => Number(view.getBigUint64(AUX + i * 8, true)))
    this.recs.set(rec, { rd, aux })
    return this.#move(rec, 'delegated', 'rec') ?? this.#moveAll(aux, 'delegated', 'rec-aux')
  }

  #destroyRec(address: number): string | undefined {
    const rec = this.recs.get(address)
    if (rec === undefined) return 'a REC was destroyed that was none'
    this.recs.delete(address)
    return this.#move(address, 'rec', 'delegated') ?? this.#moveAll(rec.aux, 'rec-aux', 'delegated')
  }
}
