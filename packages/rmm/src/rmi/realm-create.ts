import { GRANULE_SIZE, physicalAddressOf } from '@mica/hw-sim'
import { decodeRmiRealmParams, initialRim, RMI_REALM_FLAG_LPA2 } from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { emitRealm } from '../realm/event.ts'
import { acceptableRealmParams } from '../realm/params.ts'
import { Realm } from '../realm/realm.ts'
import { inputError, type RmiArguments, type RmiResult, success } from './result.ts'

/**
 * Creates a Realm: its descriptor in `rd`, its start-level tables as the params page says.
 *
 * @returns `RMI_ERROR_INPUT` if the params page is not readable Non-secure memory, a field in it is not acceptable, the
 *   VMID is in use, or a granule named is not `delegated`; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REALM_CREATE
 */
export function realmCreate(monitor: Monitor, [rd, paramsAddress]: RmiArguments): RmiResult {
  const { granules, memory } = monitor
  if (!monitor.isUndelegated(paramsAddress)) return inputError()
  const granule = monitor.delegatedAt(rd)
  if (granule === undefined) return inputError()
  const page = monitor.readHostPage(paramsAddress)
  if (page === undefined) return inputError()

  const params = decodeRmiRealmParams(page)
  if (!acceptableRealmParams(params, monitor.platform)) return inputError()
  if (monitor.vmids.has(params.vmid)) return inputError()
  const lpa2 = (params.flags & RMI_REALM_FLAG_LPA2) !== 0n
  const startTable = monitor.delegatedAt(Number(params.rtt_base))
  if (startTable === undefined) return inputError()
  for (let i = 0; i < params.rtt_num_start; i++) {
    const table = monitor.delegatedAt(Number(params.rtt_base) + i * GRANULE_SIZE)
    if (table === undefined || table === granule) return inputError()
  }

  const identity = {
    granule,
    rd: physicalAddressOf(rd),
    flags: params.flags,
    ipaBits: params.s2sz,
    lpa2,
    startLevel: Number(params.rtt_level_start),
    startTable,
    startTableAddress: memory.addressOf(startTable),
    startTables: params.rtt_num_start,
    hashAlgorithm: params.hash_algo,
    rpv: params.rpv,
    vmid: params.vmid,
  }
  const realm = new Realm(identity, (hash) => initialRim(params, hash))
  granules.move(granule, GRANULE_STATE.rd)
  for (let i = 0; i < params.rtt_num_start; i++) granules.move(startTable + i, GRANULE_STATE.rtt)
  monitor.vmids.add(params.vmid)
  monitor.realms.set(granule, realm)
  emitRealm(monitor, realm, realm.state)
  return success()
}
