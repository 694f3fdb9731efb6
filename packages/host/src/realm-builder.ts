import { GRANULE_SIZE, type PhysicalAddress } from '@mica/hw-sim'
import {
  type ConstructionStep,
  encodeRmiRealmParams,
  encodeRmiRecParams,
  REC_AUX_COUNT,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_GRANULE_DELEGATE,
  RMI_MEASURE_CONTENT,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_PD,
  RMI_REC_CREATE,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  type RmiRealmParams,
  type RmiRecParams,
} from '@mica/rmm/abi'
import type { GranulePool } from './granule-pool.ts'
import { HostError, type NormalWorld } from './normal-world.ts'
import { type SharedRegion, type UnprotectedWindow, windowGranule } from './shared-region.ts'
import { TranslationTables } from './translation-tables.ts'

/** What the host needs to know to build one Realm. All of it is public, and none of it is believed by anyone. */
export interface RealmPlan {
  /** The measured part: RMI_REALM_CREATE first. Executed in order. */
  readonly steps: readonly ConstructionStep[]
  /** Granules given with RMI_REALM_PD for the policy to be kept in. */
  readonly policyGranules: number
  readonly shared: readonly { readonly region: SharedRegion; readonly ipa: number }[]
  /** `rights`: bit 0 read, bit 1 write. */
  readonly unprotected: readonly { readonly window: UnprotectedWindow; readonly ipa: number; readonly rights: number }[]
}

/** A Realm that was built, with everything the host gave for it, so that it can all be taken back. */
export interface BuiltRealm {
  readonly rd: PhysicalAddress
  readonly rtt: PhysicalAddress
  readonly tables: TranslationTables
  readonly data: { readonly ipa: number; readonly granule: PhysicalAddress }[]
  readonly shared: { readonly ipa: number; readonly granule: PhysicalAddress }[]
  /** Granules that hold its policy. */
  readonly policy: PhysicalAddress[]
  readonly recs: {
    readonly rd: PhysicalAddress
    readonly rec: PhysicalAddress
    readonly run: PhysicalAddress
    readonly aux: readonly PhysicalAddress[]
  }[]
}

const START_LEVEL = 1
/** S2AP in bits 7:6 of the descriptor that RMI_RTT_MAP_UNPROTECTED takes. */
const S2AP_SHIFT = 6

/** Builds Realms: executes a plan over RMI, giving granules as the monitor asks for them. Throws {@link HostError}. */
export class RealmBuilder {
  readonly #world: NormalWorld
  readonly #pool: GranulePool
  readonly #staging: PhysicalAddress
  #nextVmid = 1

  constructor(world: NormalWorld, pool: GranulePool) {
    this.#world = world
    this.#pool = pool
    this.#staging = pool.take()
  }

  /** Builds and activates a Realm. */
  build(plan: RealmPlan): BuiltRealm {
    const [create, ...steps] = plan.steps
    if (create?.op !== 'realm-create') throw new HostError('a plan begins with realm-create')
    const realm = this.#createRealm(create.params)
    for (const step of steps) this.#execute(realm, step)
    for (let i = 0; i < plan.policyGranules; i++) this.#givePolicyGranule(realm)
    for (const { region, ipa } of plan.shared) this.mapShared(realm, region, ipa)
    for (const { window, ipa, rights } of plan.unprotected) this.mapUnprotected(realm, window, ipa, rights)
    this.#world.demand(RMI_REALM_ACTIVATE, realm.rd)
    return realm
  }

  /** Shows the granules of a region to a Realm, in order, from `ipa` on. The monitor gives no access by it. */
  mapShared(realm: BuiltRealm, region: SharedRegion, ipa: number): void {
    region.granules.forEach((granule, index) => {
      const at = ipa + index * GRANULE_SIZE
      realm.tables.ensure(at, 3)
      this.#world.demand(RMI_DATA_CREATE_UNKNOWN_SHARED, realm.rd, granule, at)
      realm.shared.push({ ipa: at, granule })
    })
  }

  /** Maps a Non-secure window into the unprotected half of a Realm's IPA space. */
  mapUnprotected(realm: BuiltRealm, window: UnprotectedWindow, ipa: number, rights: number): void {
    for (let index = 0; index * GRANULE_SIZE < window.length; index++) {
      const at = ipa + index * GRANULE_SIZE
      realm.tables.ensure(at, 3)
      const descriptor = windowGranule(window, index) + rights * 2 ** S2AP_SHIFT
      this.#world.demand(RMI_RTT_MAP_UNPROTECTED, realm.rd, at, 3, descriptor)
    }
  }

  /** A fresh granule, delegated to the Realm world. */
  delegated(): PhysicalAddress {
    const granule = this.#pool.take()
    this.#world.demand(RMI_GRANULE_DELEGATE, granule)
    return granule
  }

  #createRealm(params: Partial<RmiRealmParams>): BuiltRealm {
    const rd = this.delegated()
    const rtt = this.delegated()
    this.#stage(
      encodeRmiRealmParams({
        ...params,
        vmid: this.#nextVmid++,
        rtt_base: BigInt(rtt),
        rtt_level_start: BigInt(START_LEVEL),
        rtt_num_start: 1,
      }),
    )
    this.#world.demand(RMI_REALM_CREATE, rd, this.#staging)
    const tables = new TranslationTables(this.#world, this.#pool, rd, START_LEVEL)
    return { rd, rtt, tables, data: [], shared: [], policy: [], recs: [] }
  }

  #execute(realm: BuiltRealm, step: ConstructionStep): void {
    switch (step.op) {
      case 'realm-create':
        throw new HostError('realm-create stands only at the start of a plan')
      case 'rtt-init-ripas':
        this.#initRipas(realm, step.base, step.top, step.level)
        break
      case 'data-create':
        this.#createData(realm, step.ipa, step.content, step.measured)
        break
      case 'data-create-unknown':
        this.#createUnknownData(realm, step.ipa)
        break
      case 'rec-create':
        this.#createRec(realm, step.params)
        break
    }
  }

  #initRipas(realm: BuiltRealm, base: number, top: number, level: number): void {
    const covered = 512 * 4096 * 512 ** (3 - level)
    for (let ipa = base - (base % covered); ipa < top; ipa += covered) realm.tables.ensure(ipa, level)
    for (let next = base; next < top; ) {
      next = Number(this.#world.demand(RMI_RTT_INIT_RIPAS, realm.rd, next, top).x[1])
    }
  }

  #givePolicyGranule(realm: BuiltRealm): void {
    const granule = this.delegated()
    this.#world.demand(RMI_REALM_PD, realm.rd, granule)
    realm.policy.push(granule)
  }

  #createData(realm: BuiltRealm, ipa: number, content: Uint8Array, measured: boolean): void {
    realm.tables.ensure(ipa, 3)
    const granule = this.delegated()
    this.#stage(content)
    const flags = measured ? RMI_MEASURE_CONTENT : 0n
    this.#world.demand(RMI_DATA_CREATE, realm.rd, granule, ipa, this.#staging, flags)
    realm.data.push({ ipa, granule })
  }

  #createUnknownData(realm: BuiltRealm, ipa: number): void {
    realm.tables.ensure(ipa, 3)
    const granule = this.delegated()
    this.#world.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, granule, ipa)
    realm.data.push({ ipa, granule })
  }

  #createRec(realm: BuiltRealm, params: Partial<RmiRecParams>): void {
    const rec = this.delegated()
    const aux = Array.from({ length: REC_AUX_COUNT }, () => this.delegated())
    this.#stage(encodeRmiRecParams({ ...params, num_aux: BigInt(aux.length), aux: aux.map(BigInt) }))
    this.#world.demand(RMI_REC_CREATE, realm.rd, rec, this.#staging)
    realm.recs.push({ rd: realm.rd, rec, run: this.#pool.take(), aux })
  }

  #stage(page: Uint8Array): void {
    if (!this.#world.write(this.#staging, page)) throw new HostError('the staging granule is not Non-secure any more')
  }
}
