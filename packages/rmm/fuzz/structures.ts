import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import type { GranuleModel } from '../lab/model.ts'
import * as abi from '../src/abi/index.ts'
import { type Chooser, once, pick } from './chooser.ts'
import { IPA_BITS, type Pools } from './pools.ts'
import { type Step, writePage } from './step.ts'

export function delegate(address: number): Step {
  return { x: [hex(abi.RMI_GRANULE_DELEGATE), hex(address)] }
}

/** A call with a structure that it reads, in which now and then one bit is wrong. */
export function withPage(chooser: Chooser, address: number, page: Uint8Array, x: readonly bigint[]): Step {
  if (once(chooser, 16)) page[chooser.below(GRANULE_SIZE)]! ^= 1 << chooser.below(8)
  return { writes: [writePage(address, page)], x: x.map(hex) }
}

export function createRealm(chooser: Chooser, pools: Pools): Step {
  const [rd = 0, table = 0] = pools.granules('delegated', 2)
  const params = abi.encodeRmiRealmParams({
    flags: pick(chooser, [0n, 0n, 0n, abi.RMI_REALM_FLAG_PMU, abi.RMI_REALM_FLAG_SVE, 2n ** 63n]),
    s2sz: pick(chooser, [IPA_BITS, IPA_BITS, IPA_BITS, IPA_BITS, 33, 40, 48]),
    pmu_num_ctrs: 1 + chooser.below(3),
    num_bps: 1,
    num_wps: 1,
    hash_algo: chooser.below(2),
    vmid: chooser.below(6),
    rtt_base: BigInt(table),
    rtt_level_start: pick(chooser, [1n, 1n, 1n, 1n, 2n, 0n]),
    rtt_num_start: pick(chooser, [1, 1, 1, 1, 2, 4]),
  })
  const page = pools.hostPage()
  return withPage(chooser, page, params, [abi.RMI_REALM_CREATE, pools.mostly(rd), pools.mostly(page)])
}

export function createRec(chooser: Chooser, pools: Pools, model: GranuleModel): Step {
  const rd = pools.rd()
  const [rec = 0, ...aux] = pools.granules('delegated', abi.REC_AUX_COUNT + 1)
  const index = [...model.recs.values()].filter((each) => each.rd === rd).length
  const params = abi.encodeRmiRecParams({
    flags: once(chooser, 4) ? 0n : abi.RMI_REC_FLAG_RUNNABLE,
    mpidr: BigInt(index),
    gprs: [BigInt(chooser.below(4))],
    num_aux: BigInt(aux.length),
    aux: aux.map(BigInt),
  })
  const page = pools.hostPage()
  const x = [abi.RMI_REC_CREATE, pools.mostly(rd), pools.mostly(rec), pools.mostly(page)]
  return withPage(chooser, page, params, x)
}
