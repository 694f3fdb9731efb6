import {
  createRegisters,
  type EventSink,
  type GuestStart,
  type Instruction,
  Machine,
  type MachineEvent,
  physicalAddressOf,
  type ScriptedCpu,
  type ScriptedProgram,
  scriptedGuests,
} from '@mica/hw-sim'
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
  RMI_GRANULE_DELEGATE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_PD,
  RMI_REC_CREATE,
  RMI_REC_ENTER,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_SGT,
  type RmiRecEnter,
  type RmiRecExit,
  RSI_UPLOAD_POLICY,
  rmiCommandName,
} from '../src/abi/index.ts'
import { Rmm, type RmmOptions } from '../src/index.ts'

export const PAGE = 4096
/** Where test Realms have RAM: eight pages, the first for calls. */
export const RAM = 0x10_0000
const RAM_PAGES = 24
/** A small Realm: 32 bits of IPA, so the unprotected half begins at 2 GiB. */
export const IPA_BITS = 32
export const UNPROTECTED = 2 ** (IPA_BITS - 1)

/** What a guest does when it is told to; it may use every PE instruction. */
export type Job<T> = (cpu: ScriptedCpu) => Instruction<T>

/** How a job ended, and all exits on the way. */
export interface JobResult<T> {
  readonly value: T | undefined
  /** The exception that ended it: `SynchronousExternalAbort`. */
  readonly exception: string | undefined
  readonly exits: readonly RmiRecExit[]
}

interface Queued {
  readonly job: Job<unknown>
  done: boolean
  value?: unknown
  exception?: string
}

export interface RealmOptions {
  /** Distinguishes images: in the first general register, so measured. */
  readonly image?: number
  readonly flags?: bigint
  readonly rpv?: Uint8Array
  readonly policyGranules?: number
  readonly activate?: boolean
}

/** A host for tests: builds small Realms with one scripted REC, and can do anything else a host can. */
export class ScriptedHost {
  readonly machine: Machine
  readonly rmm: Rmm
  readonly events: MachineEvent[] = []
  readonly #realms = new Map<string, ScriptedRealm>()
  #next = 0x8010_0000
  #nextVmid = 1

  constructor(options: RmmOptions = {}) {
    const events: EventSink = (event) => this.events.push(event)
    const guests = scriptedGuests((start) => this.#program(start))
    this.machine = new Machine({
      dram: { base: 0x8000_0000, size: 0x100_0000 },
      seed: new Uint8Array(32),
      events,
      guests,
    })
    this.rmm = new Rmm(this.machine, options)
  }

  /** Any SMC; x0 to x8 of the answer. */
  smc(fid: bigint, ...args: readonly (bigint | number)[]): bigint[] {
    const x = createRegisters()
    x[0] = fid
    for (const [index, value] of args.entries()) x[index + 1] = BigInt(value)
    this.machine.smc(x)
    return [...x.subarray(0, 9)]
  }

  /** Status and index of an SMC, as the host reads them. */
  status(fid: bigint, ...args: readonly (bigint | number)[]): readonly [status: number, index: number] {
    const x0 = this.smc(fid, ...args)[0]!
    return [Number(x0 & 0xffn), Number((x0 >> 8n) & 0xffn)]
  }

  /** An SMC that the test needs to succeed. */
  demand(fid: bigint, ...args: readonly (bigint | number)[]): bigint[] {
    const x = this.smc(fid, ...args)
    if (x[0] !== 0n) throw new Error(`${rmiCommandName(fid)} answered 0x${x[0]!.toString(16)}`)
    return x
  }

  /** A fresh granule of the host's. */
  page(content?: Uint8Array): number {
    const address = this.#next
    this.#next += PAGE
    if (content !== undefined) this.machine.memory.write('non-secure', physicalAddressOf(address), content)
    return address
  }

  /** A fresh granule, delegated. */
  delegated(): number {
    const address = this.page()
    this.demand(RMI_GRANULE_DELEGATE, address)
    return address
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
    this.#realms.set(`0x${realm.rec.toString(16)}`, realm)
    return realm
  }

  /** Maps the same fresh granules into several Realms, each at its own address. Returns them. */
  share(pages: number, ...places: readonly (readonly [realm: ScriptedRealm, ipa: number])[]): number[] {
    const granules = Array.from({ length: pages }, () => this.delegated())
    for (const [realm, ipa] of places) realm.mapShared(granules, ipa)
    return granules
  }

  #program(start: GuestStart): ScriptedProgram {
    const realm = this.#realms.get(start.rec)!
    return function* (cpu) {
      for (;;) {
        const next = realm.queue.shift()
        if (next === undefined) yield* cpu.wfi()
        else {
          try {
            next.value = yield* next.job(cpu)
          } catch (error) {
            if (!(error instanceof Error) || error.name !== 'SynchronousExternalAbort') throw error
            next.exception = error.name
          }
          next.done = true
        }
      }
    }
  }
}

/** A Realm with one REC, RAM at {@link RAM}, and tables for addresses below 4 MiB and the first 4 MiB unprotected. */
export class ScriptedRealm {
  readonly host: ScriptedHost
  readonly rd: number
  readonly rec: number
  readonly run: number
  readonly queue: Queued[] = []
  /** Granules of its RAM. */
  readonly ram: readonly number[]

  constructor(host: ScriptedHost, options: RealmOptions) {
    this.host = host
    this.rd = host.delegated()
    this.run = host.page()
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
    }
    host.demand(RMI_REALM_CREATE, this.rd, host.page(encodeRmiRealmParams(params)))
    for (const base of [0, UNPROTECTED]) {
      this.addTable(base, 2)
      for (const half of [0, 0x20_0000]) this.addTable(base + half, 3)
    }
    host.demand(RMI_RTT_INIT_RIPAS, this.rd, RAM, RAM + RAM_PAGES * PAGE)
    const content = host.page(new Uint8Array(PAGE))
    this.ram = Array.from({ length: RAM_PAGES }, (_, page) => {
      const granule = host.delegated()
      if (page === 0) host.demand(RMI_DATA_CREATE, this.rd, granule, RAM, content, 1)
      else host.demand(RMI_DATA_CREATE_UNKNOWN, this.rd, granule, RAM + page * PAGE)
      return granule
    })
    this.rec = host.delegated()
    const recParams = {
      flags: 1n,
      gprs: [BigInt(options.image ?? 0)],
      num_aux: BigInt(REC_AUX_COUNT),
      aux: Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated())),
    }
    host.demand(RMI_REC_CREATE, this.rd, this.rec, host.page(encodeRmiRecParams(recParams)))
    for (let i = 0; i < (options.policyGranules ?? 0); i++) host.demand(RMI_REALM_PD, this.rd, host.delegated())
    if (options.activate ?? true) host.demand(RMI_REALM_ACTIVATE, this.rd)
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

  /** One RMI_REC_ENTER; the exit, or its status if it failed. */
  enter(entry: Partial<RmiRecEnter> = {}): RmiRecExit | number {
    const page = new Uint8Array(PAGE)
    page.set(encodeRmiRecEnter(entry))
    const { memory } = this.host.machine
    memory.write('non-secure', physicalAddressOf(this.run), page)
    const [status] = this.host.status(RMI_REC_ENTER, this.rec, this.run)
    if (status !== 0) return status
    return decodeRmiRecExit(memory.read('non-secure', physicalAddressOf(this.run + REC_EXIT_OFFSET), 0x800)!)
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
