import { GRANULE_SIZE, type GranuleIndex, PAS } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import * as abi from '../src/abi/index.ts'
import { GRANULE_STATE, granuleStateName } from '../src/granule/state.ts'
import type { Stage } from './stage.ts'

const ZEROES = Buffer.alloc(GRANULE_SIZE)

/**
 * Takes everything back, as a host does that knows of nothing but addresses: RECs, whatever is in the tables, the tables,
 * the Realms, the shared granule table, every granule.
 *
 * @param from With which Realm to begin: whatever the order, it has to come to an end.
 * @returns A sentence about the first granule that does not come back, or not zeroed.
 */
export function tearDown(stage: Stage, from: number): string | undefined {
  const { host, realms, scope } = stage
  const { monitor } = host.rmm
  const { memory } = host.machine
  for (let i = 0; i < realms.length; i++) {
    const { rd, rec } = realms[(from + i) % realms.length]!
    stage.call(abi.RMI_REC_DESTROY, rec)
    const identity = monitor.realmAt(rd)?.identity
    if (identity === undefined) continue
    const { startTableAddress: table, startLevel } = identity
    // In descending addresses below each table, so that a table is empty when its own turn comes.
    for (const { ipa, level, kind } of stage.tables.read({ table, startLevel }).toReversed()) {
      if (kind === 'table') stage.call(abi.RMI_RTT_DESTROY, rd, ipa, level + 1)
      else if (kind === 'non-secure') stage.call(abi.RMI_RTT_UNMAP_UNPROTECTED, rd, ipa, level)
      else if (!stage.call(abi.RMI_DATA_DESTROY_SHARED, rd, ipa)) stage.call(abi.RMI_DATA_DESTROY, rd, ipa)
    }
    stage.call(abi.RMI_REALM_DESTROY, rd)
  }
  for (let granule: GranuleIndex = scope.hostPages; granule < memory.granules; granule++) {
    const address = memory.addressOf(granule)
    const state = monitor.granules.state(granule)
    if (state === GRANULE_STATE.sgt) stage.call(abi.RMI_SGT_DESTROY, address)
    if (state !== GRANULE_STATE.undelegated) stage.call(abi.RMI_GRANULE_UNDELEGATE, address)
    if (memory.pas(granule) !== PAS.nonSecure) {
      return `teardown ends with ${hex(address)} as ${granuleStateName(monitor.granules.state(granule))}`
    }
    // A granule that was the host's all the time holds what the host wrote.
    if (state !== GRANULE_STATE.undelegated && !ZEROES.equals(memory.granuleBytes(granule))) {
      return `law 8: teardown gives ${hex(address)} back with content`
    }
  }
  return undefined
}
