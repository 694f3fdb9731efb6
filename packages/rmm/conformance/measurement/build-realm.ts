import { entrySize } from '@mica/hw-sim'
import { BareHost } from '../../lab/bare-host.ts'
import {
  decodeRmiRealmParams,
  encodeRmiRecParams,
  REC_AUX_COUNT,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REC_CREATE,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  type RmiRealmParams,
} from '../../src/abi/index.ts'
import { conformanceHost } from '../platform.ts'
import { hex, hexBytes } from '../trace/text.ts'
import { contentOf, paramsPage, type RimStep, type RimVector } from './vectors.ts'

/** The RIM after each step of a vector, with its commands made on a machine, and tables as deep as each needs. */
export function buildRims(vector: RimVector): string[] {
  const host = new BareHost(conformanceHost(vector.platform_cfg, false))
  const builder = new VectorBuilder(host, vector)
  return vector.steps.map((step) => {
    builder.make(step)
    return hexBytes(host.rmm.monitor.realmAt(builder.rd)!.rim)
  })
}

/** Where the tables of a Realm are found in its params page. */
const RTT_BASE = 0x808

class VectorBuilder {
  readonly rd: number
  readonly #host: BareHost
  readonly #page: Uint8Array
  readonly #params: RmiRealmParams

  constructor(host: BareHost, vector: RimVector) {
    this.#host = host
    this.rd = host.delegated()
    this.#page = paramsPage(vector)
    this.#params = decodeRmiRealmParams(this.#page)
    const count = Math.min(this.#params.rtt_num_start, 16)
    const tables = Array.from({ length: count }, () => host.delegated())
    // The recorded tables lay elsewhere; where they are is not measured.
    new DataView(this.#page.buffer).setBigUint64(RTT_BASE, BigInt(tables[0] ?? 0), true)
  }

  make(step: RimStep): void {
    const host = this.#host
    switch (step.op) {
      case 'REALM_CREATE':
        host.demand(RMI_REALM_CREATE, this.rd, host.page(this.#page))
        return
      case 'REALM_ACTIVATE':
        host.demand(RMI_REALM_ACTIVATE, this.rd)
        return
      case 'RTT_INIT_RIPAS': {
        this.#addTables(Number(step.base), step.walk_level)
        const [, top] = host.demand(RMI_RTT_INIT_RIPAS, this.rd, BigInt(step.base), BigInt(step.top))
        if (top !== BigInt(step.top_out)) throw new Error(`top is ${hex(top!)}, recorded ${step.top_out}`)
        return
      }
      case 'DATA_CREATE': {
        this.#addTables(Number(step.ipa), 3)
        const source = host.page(contentOf(step.content))
        host.demand(RMI_DATA_CREATE, this.rd, host.delegated(), BigInt(step.ipa), source, step.flags)
        return
      }
      case 'DATA_CREATE_UNKNOWN':
        this.#addTables(Number(step.ipa), 3)
        host.demand(RMI_DATA_CREATE_UNKNOWN, this.rd, host.delegated(), BigInt(step.ipa))
        return
      case 'REC_CREATE': {
        const params = {
          flags: BigInt(step.flags),
          mpidr: BigInt(step.mpidr),
          pc: BigInt(step.pc),
          gprs: step.gprs.map(BigInt),
          num_aux: BigInt(REC_AUX_COUNT),
          aux: Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated())),
        }
        host.demand(RMI_REC_CREATE, this.rd, host.delegated(), host.page(encodeRmiRecParams(params)))
        return
      }
    }
  }

  /** Tables for an address down to `level`. Those that are there already answer with an error, which does not matter. */
  #addTables(ipa: number, level: number): void {
    for (let at = Number(this.#params.rtt_level_start) + 1; at <= level; at++) {
      const size = entrySize(at - 1)
      this.#host.smc(RMI_RTT_CREATE, this.rd, this.#host.delegated(), ipa - (ipa % size), at)
    }
  }
}
