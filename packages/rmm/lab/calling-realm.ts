import { type Instruction, type ScriptedCpu, scriptedGuests } from '@mica/hw-sim'
import {
  encodeRmiRealmParams,
  encodeRmiRecParams,
  REC_AUX_COUNT,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REC_CREATE,
  RMI_REC_ENTER,
  RMI_REC_FLAG_RUNNABLE,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
} from '../src/abi/index.ts'
import { BareHost, type BareHostOptions } from './bare-host.ts'

export interface CallingRealmOptions {
  readonly hashAlgorithm?: number
  /** 64 bytes. */
  readonly rpv?: Uint8Array
}

/** Entries that one call may take before it counts as one that does not return. */
const MAX_ENTRIES = 64

/** The smallest Realm whose guest makes calls: one page of RAM at IPA 0, one REC, SMCs one by one. */
export class CallingRealm {
  readonly host: BareHost
  readonly rd: number
  /** Physical address of the page of RAM. */
  readonly ram: number
  readonly #rec: number
  readonly #run: number
  #request: readonly bigint[] | undefined
  #answer: readonly bigint[] | undefined

  constructor(options: CallingRealmOptions = {}, hostOptions: BareHostOptions = {}) {
    const guests = scriptedGuests(() => (cpu) => this.#serve(cpu))
    const host = new BareHost({ ...hostOptions, machine: { ...hostOptions.machine, guests } })
    this.host = host
    this.rd = host.delegated()
    const params = {
      s2sz: 32,
      num_bps: 1,
      num_wps: 1,
      hash_algo: options.hashAlgorithm ?? 0,
      rpv: options.rpv ?? new Uint8Array(64),
      rtt_base: BigInt(host.delegated()),
      rtt_level_start: 1n,
      rtt_num_start: 1,
    }
    host.demand(RMI_REALM_CREATE, this.rd, host.page(encodeRmiRealmParams(params)))
    for (const level of [2, 3]) host.demand(RMI_RTT_CREATE, this.rd, host.delegated(), 0, level)
    host.demand(RMI_RTT_INIT_RIPAS, this.rd, 0, 0x1000)
    this.ram = host.delegated()
    host.demand(RMI_DATA_CREATE_UNKNOWN, this.rd, this.ram, 0)
    const recParams = {
      flags: RMI_REC_FLAG_RUNNABLE,
      num_aux: BigInt(REC_AUX_COUNT),
      aux: Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated())),
    }
    this.#rec = host.delegated()
    host.demand(RMI_REC_CREATE, this.rd, this.#rec, host.page(encodeRmiRecParams(recParams)))
    host.demand(RMI_REALM_ACTIVATE, this.rd)
    this.#run = host.page()
  }

  /** One SMC of the guest; its registers afterwards. Throws if the monitor does not answer it. */
  call(...x: readonly (bigint | number)[]): readonly bigint[] {
    this.#request = x.map(BigInt)
    this.#answer = undefined
    for (let entries = 0; entries < MAX_ENTRIES; entries++) {
      this.host.demand(RMI_REC_ENTER, this.#rec, this.#run)
      if (this.#answer !== undefined) return this.#answer
    }
    throw new Error(`the call 0x${this.#request?.[0]?.toString(16)} does not return`)
  }

  /** The page of RAM, seen from outside of the machine. */
  readRam(length: number): Uint8Array {
    const { memory } = this.host.machine
    const offset = this.ram - memory.base
    return memory.bytes.slice(offset, offset + length)
  }

  *#serve(cpu: ScriptedCpu): Instruction<void> {
    for (;;) {
      const request = this.#request
      if (request !== undefined && this.#answer === undefined) this.#answer = yield* cpu.smc(request)
      else yield* cpu.wfi()
    }
  }
}
