import * as abi from '../abi/index.ts'
import type { Extension } from '../extension.ts'
import { GRANULE_STATE } from '../granule/state.ts'
import type { RmiCommand } from '../rmi/result.ts'
import type { RsiCommand } from '../rsi/result.ts'
import { channelInfo } from './channel-info.ts'
import { credit } from './credit.ts'
import { dataCreateUnknownShared } from './data-create-unknown-shared.ts'
import { dataDestroyShared } from './data-destroy-shared.ts'
import { attestTokenContinueGroup, attestTokenInitGroup } from './group-token.ts'
import { leave } from './leave.ts'
import { type MicaLimits, micaLimits } from './limits.ts'
import { notify } from './notify.ts'
import { policyStatus } from './policy-status.ts'
import { realmPd } from './realm-pd.ts'
import { rejoin } from './rejoin.ts'
import { revoke } from './revoke.ts'
import { sgt, sgtDestroy } from './sgt.ts'
import { MicaState } from './state.ts'
import { time } from './time.ts'
import { uploadPolicy } from './upload-policy.ts'
import { micaVersion, micaVersionForRealm } from './version.ts'

/**
 * The Mica extension of one monitor: every command that it adds, by function identifier. Arguments, results and the
 * order of failures stand with each command.
 */
export function createMica(limits: Partial<MicaLimits> = {}): Extension {
  const state = new MicaState(micaLimits(limits))
  const rmi: readonly (readonly [bigint, RmiCommand])[] = [
    [abi.RMI_MICA_VERSION, micaVersion],
    [abi.RMI_REALM_PD, (monitor, x) => realmPd(state, monitor, x)],
    [abi.RMI_SGT, (monitor, x) => sgt(state, monitor, x)],
    [abi.RMI_SGT_DESTROY, (monitor, x) => sgtDestroy(state, monitor, x)],
    [abi.RMI_DATA_CREATE_UNKNOWN_SHARED, (monitor, x) => dataCreateUnknownShared(state, monitor, x)],
    [abi.RMI_DATA_DESTROY_SHARED, (monitor, x) => dataDestroyShared(state, monitor, x)],
  ]
  const rsi: readonly (readonly [bigint, RsiCommand])[] = [
    [abi.RSI_MICA_VERSION, micaVersionForRealm],
    [abi.RSI_UPLOAD_POLICY, (monitor, rec, x) => uploadPolicy(state, monitor, rec, x)],
    [abi.RSI_ATTEST_TOKEN_INIT_GROUP, (monitor, rec, x) => attestTokenInitGroup(state, monitor, rec, x)],
    [abi.RSI_ATTEST_TOKEN_CONTINUE_GROUP, attestTokenContinueGroup],
    [abi.RSI_MICA_POLICY_STATUS, (monitor, rec, x) => policyStatus(state, monitor, rec, x)],
    [abi.RSI_MICA_CHANNEL_INFO, (monitor, rec, x) => channelInfo(state, monitor, rec, x)],
    [abi.RSI_MICA_NOTIFY, (monitor, rec, x) => notify(state, monitor, rec, x)],
    [abi.RSI_MICA_CREDIT, (monitor, rec, x) => credit(state, monitor, rec, x)],
    [abi.RSI_MICA_LEAVE, (monitor, rec, x) => leave(state, monitor, rec, x)],
    [abi.RSI_MICA_REJOIN, (monitor, rec, x) => rejoin(state, monitor, rec, x)],
    [abi.RSI_MICA_REVOKE, (monitor, rec, x) => revoke(state, monitor, rec, x)],
    [abi.RSI_MICA_TIME, time],
  ]
  return {
    rmi: new Map(rmi.map(([fid, run]) => [Number(fid), run])),
    rsi: new Map(rsi.map(([fid, run]) => [Number(fid), run])),
    state,
    sharesMemory: (realm, base, top) => state.sharesMemory(realm, base, top),
    realmDestroyed: (monitor, realm) => {
      // INVARIANT: shared granules are out already: their tables would have kept the Realm alive.
      for (const pd of state.find(realm)?.pds ?? []) monitor.granules.move(pd, GRANULE_STATE.delegated)
      state.forget(realm)
    },
  }
}
