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
import { maxRecs } from '../platform.ts'
import { emitRec } from '../rec/event.ts'
import { mpidrOf, Rec } from '../rec/rec.ts'
import { inputError, type RmiArguments, type RmiResult, realmError, success } from './result.ts'

/**
 * Creates a REC of a new Realm. RECs are created in the order of their MPIDRs.
 *
 * @returns In order: `RMI_ERROR_INPUT` if the params page is not readable Non-secure memory, it names more than 16
 *   auxiliary granules, one of them is not `delegated` or occurs twice, `rec` is not `delegated`, or `rd` is not a Realm
 *   descriptor; `RMI_ERROR_REALM` if the Realm has as many RECs as there can be, or is not new; `RMI_ERROR_INPUT` if the
 *   MPIDR is not the next one, or the number of auxiliary granules is wrong; otherwise `RMI_SUCCESS`.
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
  if (granules.references(realm.identity.granule) >= maxRecs(monitor.platform)) return realmError()
  if (realm.state !== 'new') return realmError()
  if (params.mpidr !== BigInt(mpidrOf(realm.nextRecIndex))) return inputError()
  if (aux.length !== REC_AUX_COUNT) return inputError()

  const runnable = (params.flags & RMI_REC_FLAG_RUNNABLE) !== 0n
  const rec = new Rec({
    granule,
    address: physicalAddressOf(recAddress),
    realm,
    aux,
    index: realm.nextRecIndex,
    mpidr: Number(params.mpidr),
    pc: params.pc,
    // Of a REC that begins off nothing is measured. The recorded firmware hands its registers on when it is turned on.
    gprs: runnable || monitor.firmware !== undefined ? params.gprs : [],
    runnable,
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
  // The recorded firmware reads the lower 32 bits of this count, as it does of those in RmiRealmParams.
  const count = Number(params.num_aux & 0xffff_ffffn)
  if (count > params.aux.length) return undefined
  const taken = new Set([rec])
  const aux: GranuleIndex[] = []
  for (const address of params.aux.slice(0, count)) {
    const granule = monitor.delegatedAt(Number(address))
    if (granule === undefined || taken.has(granule)) return undefined
    taken.add(granule)
    aux.push(granule)
  }
  return aux
}
