import { entrySize, type IdentificationRegisters, TABLE_ENTRIES } from '@mica/hw-sim'
import { encodeRmiRealmParams, RMI_REALM_CREATE, RMI_REALM_FLAG_LPA2, RMI_RTT_CREATE } from '../../src/abi/index.ts'
import type { Realm } from '../../src/realm/realm.ts'
import type { ScriptedHost } from '../scripted-host.ts'

/** A platform with 52-bit physical addresses, at both stages. */
export const WIDE: Partial<IdentificationRegisters> = { ID_AA64MMFR0_EL1: 0x1000_0006n }

export interface Geometry {
  readonly lpa2: boolean
  readonly startLevel: number
  readonly ipaBits: number
}

/** A Realm of any geometry, with nothing but its start tables. */
export class WideRealm {
  readonly host: ScriptedHost
  readonly rd: number
  readonly realm: Realm

  constructor(host: ScriptedHost, { lpa2, startLevel, ipaBits }: Geometry) {
    this.host = host
    this.rd = host.delegated()
    const count = Math.max(1, 2 ** ipaBits / entrySize(startLevel) / TABLE_ENTRIES)
    const [table] = Array.from({ length: count }, () => host.delegated())
    const params = {
      flags: lpa2 ? RMI_REALM_FLAG_LPA2 : 0n,
      s2sz: ipaBits,
      num_bps: 1,
      num_wps: 1,
      vmid: host.nextVmid(),
      rtt_base: BigInt(table!),
      rtt_level_start: BigInt(startLevel),
      rtt_num_start: count,
    }
    host.demand(RMI_REALM_CREATE, this.rd, host.page(encodeRmiRealmParams(params)))
    this.realm = host.rmm.monitor.realmAt(this.rd)!
  }

  /** Makes what tables are missing on the way to `level`. */
  withTables(ipa: number, level: number): void {
    for (let at = this.realm.identity.startLevel + 1; at <= level; at++) {
      this.host.smc(RMI_RTT_CREATE, this.rd, this.host.delegated(), ipa - (ipa % entrySize(at - 1)), at)
    }
  }
}
