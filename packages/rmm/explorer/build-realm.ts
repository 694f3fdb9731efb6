import { GRANULE_SIZE } from '@mica/hw-sim'
import * as abi from '../src/abi/index.ts'
import type { Stage, StageRealm } from './stage.ts'

/** Width of the IPA space, and where its unprotected half begins. */
const IPA_BITS = 32
export const HALF: number = 2 ** (IPA_BITS - 1)

/** Where a Realm has its page of RAM, and the table for what is shared. */
export const RAM = 0
export const CHANNELS = 0x20_0000

/** What a Realm of a stage is made of: descriptor, REC, tables, RAM, the REC's own, two tables more, and for its policy. */
export const GRANULES_OF_REALM: number = 2 + 4 + 1 + abi.REC_AUX_COUNT + 2 + 1

/**
 * Builds a small Realm: a page of RAM, one REC, and tables for low addresses.
 *
 * @returns Whether it was created; what cannot be added afterwards is left out.
 */
export function buildRealm(stage: Stage, realm: StageRealm, params: number, withPolicyGranule: boolean): boolean {
  const { host } = stage
  const { index, spec, granules } = realm
  const [rd = 0, rec = 0, table = 0, middle = 0, low = 0, channels = 0, ram = 0, ...rest] = granules
  const aux = rest.slice(0, abi.REC_AUX_COUNT)
  const [upper = 0, window = 0, pd = 0] = rest.slice(abi.REC_AUX_COUNT)
  const realmParams = {
    s2sz: IPA_BITS,
    num_bps: 1,
    num_wps: 1,
    vmid: index + 1,
    rtt_base: BigInt(table),
    rtt_level_start: 1n,
    rtt_num_start: 1,
  }
  host.write(params, abi.encodeRmiRealmParams(realmParams))
  if (!stage.call(abi.RMI_REALM_CREATE, rd, params)) return false
  stage.call(abi.RMI_RTT_CREATE, rd, middle, 0, 2)
  stage.call(abi.RMI_RTT_CREATE, rd, low, 0, 3)
  stage.call(abi.RMI_RTT_CREATE, rd, channels, CHANNELS, 3)
  if (spec.unprotected === true) {
    stage.call(abi.RMI_RTT_CREATE, rd, upper, HALF, 2)
    stage.call(abi.RMI_RTT_CREATE, rd, window, HALF, 3)
  }
  stage.call(abi.RMI_RTT_INIT_RIPAS, rd, RAM, RAM + GRANULE_SIZE)
  stage.call(abi.RMI_DATA_CREATE_UNKNOWN, rd, ram, RAM)
  const recParams = {
    flags: abi.RMI_REC_FLAG_RUNNABLE,
    gprs: [BigInt(spec.image)],
    num_aux: BigInt(aux.length),
    aux: aux.map(BigInt),
  }
  host.write(params, abi.encodeRmiRecParams(recParams))
  stage.call(abi.RMI_REC_CREATE, rd, rec, params)
  if (withPolicyGranule) stage.call(abi.RMI_REALM_PD, rd, pd)
  stage.call(abi.RMI_REALM_ACTIVATE, rd)
  return true
}
