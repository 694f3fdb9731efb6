import * as abi from '../abi/index.ts'
import { dataCreate } from './data-create.ts'
import { dataCreateUnknown } from './data-create-unknown.ts'
import { dataDestroy } from './data-destroy.ts'
import { features } from './features.ts'
import { granuleDelegate } from './granule-delegate.ts'
import { granuleUndelegate } from './granule-undelegate.ts'
import { psciComplete } from './psci-complete.ts'
import { realmActivate } from './realm-activate.ts'
import { realmCreate } from './realm-create.ts'
import { realmDestroy } from './realm-destroy.ts'
import { recAuxCount } from './rec-aux-count.ts'
import { recCreate } from './rec-create.ts'
import { recDestroy } from './rec-destroy.ts'
import { recEnter } from './rec-enter.ts'
import type { RmiCommand } from './result.ts'
import { rttCreate } from './rtt-create.ts'
import { rttDestroy } from './rtt-destroy.ts'
import { rttFold } from './rtt-fold.ts'
import { rttInitRipas } from './rtt-init-ripas.ts'
import { rttMapUnprotected } from './rtt-map-unprotected.ts'
import { rttReadEntry } from './rtt-read-entry.ts'
import { rttSetRipas } from './rtt-set-ripas.ts'
import { rttUnmapUnprotected } from './rtt-unmap-unprotected.ts'
import { version } from './version.ts'

/** The Realm Management Interface: every command of the base monitor, by function identifier. */
export const RMI_COMMANDS: ReadonlyMap<number, RmiCommand> = new Map(
  (
    [
      [abi.RMI_VERSION, version],
      [abi.RMI_GRANULE_DELEGATE, granuleDelegate],
      [abi.RMI_GRANULE_UNDELEGATE, granuleUndelegate],
      [abi.RMI_DATA_CREATE, dataCreate],
      [abi.RMI_DATA_CREATE_UNKNOWN, dataCreateUnknown],
      [abi.RMI_DATA_DESTROY, dataDestroy],
      [abi.RMI_REALM_ACTIVATE, realmActivate],
      [abi.RMI_REALM_CREATE, realmCreate],
      [abi.RMI_REALM_DESTROY, realmDestroy],
      [abi.RMI_REC_CREATE, recCreate],
      [abi.RMI_REC_DESTROY, recDestroy],
      [abi.RMI_REC_ENTER, recEnter],
      [abi.RMI_RTT_CREATE, rttCreate],
      [abi.RMI_RTT_DESTROY, rttDestroy],
      [abi.RMI_RTT_MAP_UNPROTECTED, rttMapUnprotected],
      [abi.RMI_RTT_READ_ENTRY, rttReadEntry],
      [abi.RMI_RTT_UNMAP_UNPROTECTED, rttUnmapUnprotected],
      [abi.RMI_PSCI_COMPLETE, psciComplete],
      [abi.RMI_FEATURES, features],
      [abi.RMI_REC_AUX_COUNT, recAuxCount],
      [abi.RMI_RTT_FOLD, rttFold],
      [abi.RMI_RTT_INIT_RIPAS, rttInitRipas],
      [abi.RMI_RTT_SET_RIPAS, rttSetRipas],
    ] as const
  ).map(([fid, run]) => [Number(fid), run]),
)
