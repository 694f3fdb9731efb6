import { type GranuleIndex, physicalAddressOf } from '@mica/hw-sim'
import {
  decodeRmiRecParams,
  extendRimRec,
  REC_AUX_COUNT,
  RMI_REC_FLAG_RUNNABLE,
  type RmiRecParams,
} from '../abi/index.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { Monitor } from '../monitor.ts'
import { emitRec } from '../rec/event.ts'
import { mpidrOf, Rec } from '../rec/rec.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, success } from './result.ts'

/**
 * Creates a REC of a new Realm. RECs are created in the order of their MPIDRs.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the params page is not readable Non-secure memory, it names more than 16
 *   auxiliary granules, one of them is not `delegated` or occurs twice, `rec` is not `delegated`, or `rd` is not a Realm
 *   descriptor; `RMI_ERROR_REALM` if the Realm is not new; `RMI_ERROR_INPUT` if the MPIDR is not the next one, or the
 *   number of auxiliary granules is wrong; otherwise `RMI_SUCCESS`.
 * @see DEN0137 RMI_REC_CREATE
 */
export function recCreate(monitor: Monitor, [rd, recAddress, paramsAddress]: RmiArguments): RmiResult {
  const { granules } = monitor
  if (!monitor.isUndelegated(paramsAddress)) return inputError()
  const page = monitor.readHostPage(paramsAddress)
  if (page === undefined) return inputError()
  const params = decodeRmiRecParams(page)
  const granule = monitor.delegatedAt(recAddress)
  if (granule === undefined) return inputError()
  const aux = findAux(monitor, params, granule)
  if (aux === undefined) return inputError()
  const realm = monitor.realmAt(rd)
  if (realm === undefined) return inputError()
  if (realm.state !== 'new') return realmError()
  if (realm.nextRecIndex >= 2 ** monitor.platform.maxRecsOrder) return inputError()
  if (params.mpidr !== BigInt(mpidrOf(realm.nextRecIndex))) return inputError()
  if (aux.length !== REC_AUX_COUNT) return inputError()

  const rec = new Rec({
    granule,
    address: physicalAddressOf(recAddress),
    realm,
    aux,
    mpidr: Number(params.mpidr),
    pc: params.pc,
    gprs: params.gprs,
    runnable: (params.flags & RMI_REC_FLAG_RUNNABLE) !== 0n,
  })
  granules.move(granule, GRANULE_STATE.rec)
  for (const auxiliary of aux) granules.move(auxiliary, GRANULE_STATE.recAux)
  granules.addReference(realm.identity.granule)
  realm.nextRecIndex++
  realm.rim = extendRimRec(realm.rim, params, realm.hash)
  monitor.recs.set(granule, rec)
  emitRec(monitor, rec, 'created')
  return success()
}

/** The auxiliary granules of a params page: all `delegated`, all different, and none of them the REC itself. */
function findAux(monitor: Monitor, params: RmiRecParams, rec: GranuleIndex): readonly GranuleIndex[] | undefined {
  if (params.num_aux > BigInt(params.aux.length)) return undefined
  const taken = new Set([rec])
  const aux: GranuleIndex[] = []
  for (const address of params.aux.slice(0, Number(params.num_aux))) {
    const granule = monitor.delegatedAt(Number(address))
    if (granule === undefined || taken.has(granule)) return undefined
    taken.add(granule)
    aux.push(granule)
  }
  return aux
}
