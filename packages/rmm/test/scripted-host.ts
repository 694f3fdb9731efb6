import {
  DEFAULT_QUANTUM,
  type IdentificationRegisters,
  type Instruction,
  type MachineEvent,
  physicalAddressOf,
  type ScriptedCpu,
  type ScriptedProgram,
  scriptedGuests,
} from '@mica/hw-sim'
import { BareHost } from '../lab/bare-host.ts'
import {
  decodeRmiRecExit,
  encodeRmiRealmParams,
  encodeRmiRecEnter,
  encodeRmiRecParams,
  REC_AUX_COUNT,
  REC_EXIT_OFFSET,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_PD,
  RMI_REC_CREATE,
  RMI_REC_ENTER,
  RMI_REC_FLAG_RUNNABLE,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_SGT,
  type RmiRealmParams,
  type RmiRecEnter,
  type RmiRecExit,
  RSI_UPLOAD_POLICY,
} from '../src/abi/index.ts'
import type { RmmOptions } from '../src/index.ts'

export const PAGE = 4096
/** Where test Realms have RAM, the first page for calls. */
export const RAM = 0x10_0000
const RAM_PAGES = 24
const DRAM = { base: 0x8000_0000, size: 0x100_0000 }
/** Where in it pages are taken from. */
const FIRST_PAGE = 0x10_0000
/** A small Realm: 32 bits of IPA, so the unprotected half begins at 2 GiB. */
export const IPA_BITS = 32
export const UNPROTECTED = 2 ** (IPA_BITS - 1)

/** What a guest does when it is told to; it may use every PE instruction. */
export type Job<T> = (cpu: ScriptedCpu) => Instruction<T>

/** How a job ended, and all exits on the way. */
export interface JobResult<T> {
  readonly value: T | undefined
  /** The exception that ended it, one of the PE's. */
  readonly exception: string | undefined
  readonly exits: readonly RmiRecExit[]
}

/** Names of the exceptions that a job may end with. */
const PE_EXCEPTIONS: ReadonlySet<string> = new Set([
  'SynchronousExternalAbort',
  'UndefinedInstruction',
  'SErrorInterrupt',
])

interface Queued {
  readonly job: Job<unknown>
  done: boolean
  value?: unknown
  exception?: string
}

export interface HostOptions extends RmmOptions {
  /** Where DRAM begins, 2 GiB by default, and how many bytes of it there are, 16 MiB by default. */
  readonly dramBase?: number
  readonly dramSize?: number
  /** Identification registers in which the platform differs from the usual one. */
  readonly identification?: Partial<IdentificationRegisters>
  /** PE instructions between two physical interrupts. */
  readonly quantum?: number
  /** Whether the host keeps the machine's events; true by default. */
  readonly keepsEvents?: boolean
}

/** What may differ between the RECs of a Realm. */
export interface RecOptions {
  readonly runnable?: boolean
  /** Its registers from x1 on; x0 is the Realm's image. */
  readonly gprs?: readonly bigint[]
}

export interface RealmOptions {
  /** Distinguishes images: in the first general register, so measured. */
  readonly image?: number
  readonly flags?: bigint
  readonly rpv?: Uint8Array
  readonly policyGranules?: number
  readonly activate?: boolean
  /** Members of the params page that differ from those of a small Realm. */
  readonly params?: Partial<RmiRealmParams>
  /** Pages of RAM; 24 by default. */
  readonly ramPages?: number
  /** One runnable REC by default. */
  readonly recs?: readonly RecOptions[]
}

/** A host for tests: builds small Realms with one scripted REC, and can do anything else a host can. */
export class ScriptedHost extends BareHost {
  readonly events: MachineEvent[]
  readonly #recs: Map<string, ScriptedRec>
  #nextVmid = 1

  constructor(options: HostOptions = {}) {
    const {
      dramBase = DRAM.base,
      dramSize = DRAM.size,
      identification = {},
      quantum = DEFAULT_QUANTUM,
      keepsEvents = true,
    } = options
    const events: MachineEvent[] = []
    const recs = new Map<string, ScriptedRec>()
    super({
      machine: {
        dram: { base: dramBase, size: dramSize },
        identification,
        ...(keepsEvents ? { events: (event: MachineEvent) => events.push(event) } : {}),
        guests: scriptedGuests((start) => programOf(recs.get(start.rec)!)),
        quantum,
      },
      rmm: options,
      firstPage: dramBase + FIRST_PAGE,
    })
    this.events = events
    this.#recs = recs
  }

  /** Any SMC; x0 to x8 of the answer. */
  override smc(fid: bigint, ...args: readonly (bigint | number)[]): bigint[] {
    return super.smc(fid, ...args).slice(0, 9)
  }

  nextVmid(): number {
    return this.#nextVmid++
  }

  /** Takes on a granule for the shared granule table. */
  addSharedGranuleTable(): number {
    const sgt = this.delegated()
    this.demand(RMI_SGT, sgt)
    return sgt
  }

  createRealm(options: RealmOptions = {}): ScriptedRealm {
    const realm = new ScriptedRealm(this, options)
    for (const rec of realm.recs) this.#recs.set(`0x${rec.address.toString(16)}`, rec)
    return realm
  }

  /** Maps the same fresh granules into several Realms, each at its own address. Returns them. */
  share(pages: number, ...places: readonly (readonly [realm: ScriptedRealm, ipa: number])[]): number[] {
    const granules = Array.from({ length: pages }, () => this.delegated())
    for (const [realm, ipa] of places) realm.mapShared(granules, ipa)
    return granules
  }
}

/** What the guest of a REC does: one job of its queue after the other. */
function programOf(rec: ScriptedRec): ScriptedProgram {
  return function* (cpu) {
    for (;;) {
      const next = rec.queue.shift()
      if (next === undefined) yield* cpu.wfi()
      else {
        try {
          next.value = yield* next.job(cpu)
        } catch (error) {
          if (!(error instanceof Error && PE_EXCEPTIONS.has(error.name))) throw error
          next.exception = error.name
        }
        next.done = true
      }
    }
  }
}

/** One REC of a test Realm, and its run page. */
export class ScriptedRec {
  readonly host: ScriptedHost
  readonly address: number
  readonly run: number
  readonly queue: Queued[] = []

  constructor(host: ScriptedHost, address: number) {
    this.host = host
    this.address = address
    this.run = host.page()
  }

  /** One RMI_REC_ENTER; the exit, or its status if it failed. */
  enter(entry: Partial<RmiRecEnter> = {}): RmiRecExit | number {
    const page = new Uint8Array(PAGE)
    page.set(encodeRmiRecEnter(entry))
    const { memory } = this.host.machine
    memory.write('non-secure', physicalAddressOf(this.run), page)
    const [status] = this.host.status(RMI_REC_ENTER, this.address, this.run)
    if (status !== 0) return status
    return decodeRmiRecExit(memory.read('non-secure', physicalAddressOf(this.run + REC_EXIT_OFFSET), 0x800)!)
  }

  /** Gives the guest a job and enters it once, as {@link enter}. */
  begin(job: Job<unknown>, entry: Partial<RmiRecEnter> = {}): RmiRecExit | number {
    this.queue.push({ job, done: false })
    return this.enter(entry)
  }

  /** Gives the guest a job and enters it until that is done, answering every exit with `entry`. */
  perform<T>(job: Job<T>, entry: Partial<RmiRecEnter> = {}): JobResult<T> {
    const queued: Queued = { job, done: false }
    this.queue.push(queued)
    const exits: RmiRecExit[] = []
    while (!queued.done) {
      const exit = this.enter(entry)
      if (typeof exit === 'number') throw new Error(`RMI_REC_ENTER answered ${exit}`)
      exits.push(exit)
      if (exits.length > 64) throw new Error('the job does not end')
    }
    return { value: queued.value as T | undefined, exception: queued.exception, exits }
  }

  /** One call of the guest's: x0 to x8 of the answer. */
  call(fid: bigint, ...args: readonly (bigint | number)[]): readonly bigint[] {
    return this.perform(function* (cpu) {
      const x = yield* cpu.smc([fid, ...args.map(BigInt)])
      return x.slice(0, 9)
    }).value!
  }
}

/**
 * A Realm with RAM at {@link RAM}, and tables for addresses below 4 MiB and the first 4 MiB unprotected; where its space
 * is wider than {@link IPA_BITS}, the latter are protected too.
 */
export class ScriptedRealm {
  readonly host: ScriptedHost
  readonly rd: number
  readonly recs: readonly ScriptedRec[]
  /** Granules of its RAM. */
  readonly ram: readonly number[]

  constructor(host: ScriptedHost, options: RealmOptions) {
    this.host = host
    this.rd = host.delegated()
    const rtt = host.delegated()
    const params = {
      flags: options.flags ?? 0n,
      s2sz: IPA_BITS,
      num_bps: 1,
      num_wps: 1,
      rpv: options.rpv ?? new Uint8Array(64),
      vmid: host.nextVmid(),
      rtt_base: BigInt(rtt),
      rtt_level_start: 1n,
      rtt_num_start: 1,
      ...options.params,
    }
    host.demand(RMI_REALM_CREATE, this.rd, host.page(encodeRmiRealmParams(params)))
    for (let level = Number(params.rtt_level_start) + 1; level < 2; level++) this.addTable(0, level)
    for (const base of [0, UNPROTECTED]) {
      this.addTable(base, 2)
      for (const half of [0, 0x20_0000]) this.addTable(base + half, 3)
    }
    const ramPages = options.ramPages ?? RAM_PAGES
    host.demand(RMI_RTT_INIT_RIPAS, this.rd, RAM, RAM + ramPages * PAGE)
    const content = host.page(new Uint8Array(PAGE))
    this.ram = Array.from({ length: ramPages }, (_, page) => {
      const granule = host.delegated()
      if (page === 0) host.demand(RMI_DATA_CREATE, this.rd, granule, RAM, content, 1)
      else host.demand(RMI_DATA_CREATE_UNKNOWN, this.rd, granule, RAM + page * PAGE)
      return granule
    })
    this.recs = (options.recs ?? [{}]).map((rec, index) => this.#createRec(rec, index, options.image ?? 0))
    for (let i = 0; i < (options.policyGranules ?? 0); i++) host.demand(RMI_REALM_PD, this.rd, host.delegated())
    if (options.activate ?? true) host.demand(RMI_REALM_ACTIVATE, this.rd)
  }

  #createRec({ runnable = true, gprs = [] }: RecOptions, index: number, image: number): ScriptedRec {
    const { host } = this
    const rec = new ScriptedRec(host, host.delegated())
    const params = {
      flags: runnable ? RMI_REC_FLAG_RUNNABLE : 0n,
      mpidr: BigInt(index),
      gprs: [BigInt(image), ...gprs],
      num_aux: BigInt(REC_AUX_COUNT),
      aux: Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated())),
    }
    host.demand(RMI_REC_CREATE, this.rd, rec.address, host.page(encodeRmiRecParams(params)))
    return rec
  }

  get realm() {
    const realm = this.host.rmm.monitor.realmAt(this.rd)
    if (realm === undefined) throw new Error('the realm is gone')
    return realm
  }

  get rim(): Uint8Array {
    return this.realm.rim
  }

  addTable(ipa: number, level: number): void {
    this.host.demand(RMI_RTT_CREATE, this.rd, this.host.delegated(), ipa, level)
  }

  mapShared(granules: readonly number[], ipa: number): void {
    for (const [page, granule] of granules.entries()) {
      this.host.demand(RMI_DATA_CREATE_UNKNOWN_SHARED, this.rd, granule, ipa + page * PAGE)
    }
  }

  /** Maps a page of the host's, readable and writable. */
  mapUnprotected(page: number, ipa: number): readonly [number, number] {
    return this.host.status(RMI_RTT_MAP_UNPROTECTED, this.rd, ipa, 3, page + 0xd8)
  }

  /** The boot REC: address, run page, and what its guest is to do. */
  get rec(): number {
    return this.recs[0]!.address
  }

  get run(): number {
    return this.recs[0]!.run
  }

  get queue(): Queued[] {
    return this.recs[0]!.queue
  }

  /** Enters the boot REC, as {@link ScriptedRec.enter}. */
  enter(entry: Partial<RmiRecEnter> = {}): RmiRecExit | number {
    return this.recs[0]!.enter(entry)
  }

  /** Gives the boot REC a job, as {@link ScriptedRec.begin}. */
  begin(job: Job<unknown>, entry: Partial<RmiRecEnter> = {}): RmiRecExit | number {
    return this.recs[0]!.begin(job, entry)
  }

  /** Gives the boot REC a job, as {@link ScriptedRec.perform}. */
  perform<T>(job: Job<T>, entry: Partial<RmiRecEnter> = {}): JobResult<T> {
    return this.recs[0]!.perform(job, entry)
  }

  /** One call of the boot REC's guest: x0 to x8 of the answer. */
  call(fid: bigint, ...args: readonly (bigint | number)[]): readonly bigint[] {
    return this.recs[0]!.call(fid, ...args)
  }

  /** Puts a blob into RAM and uploads it: status, and the number of the rule that refused it. */
  upload(blob: Uint8Array): readonly [status: number, reason: number] {
    const ipa = RAM + 2 * PAGE
    const x = this.perform(function* (cpu) {
      yield* cpu.store(ipa, blob)
      return yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(ipa), BigInt(blob.length)])
    }).value!
    return [Number(x[0]), Number(x[1])]
  }

  /** Whether the guest can do an access; an abort that it takes, or that leaves to the host, says no. */
  can(access: 'read' | 'write' | 'fetch', ipa: number): boolean {
    const queued: Queued = {
      job: function* (cpu) {
        if (access === 'read') yield* cpu.load(ipa, 8)
        else if (access === 'write') yield* cpu.store(ipa, new Uint8Array(8))
        else yield* cpu.fetch(ipa, 8)
      },
      done: false,
    }
    this.queue.push(queued)
    this.enter()
    return queued.done && queued.exception === undefined
  }
}
