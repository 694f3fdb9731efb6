import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import * as abi from '../src/abi/index.ts'
import { type Chooser, once } from './chooser.ts'
import { HALF, IPA_BITS, type Pools } from './pools.ts'
import { type Step, writePage } from './step.ts'

/** Granules that a small Realm needs: descriptor, five tables, two RECs, and memory. */
const GRANULES = 1 + 5 + 2 * (1 + abi.REC_AUX_COUNT) + 4

/** Builds a small Realm as a host that means it does: tables for low addresses of both halves, RAM, and two RECs. */
export function* buildRealm(chooser: Chooser, pools: Pools): Generator<Step, void> {
  for (let i = 0; i < GRANULES; i++) yield { x: [hex(abi.RMI_GRANULE_DELEGATE), hex(pools.granule('undelegated'))] }
  const [rd = 0, root = 0] = pools.granules('delegated', 2)
  const params = abi.encodeRmiRealmParams({
    s2sz: IPA_BITS,
    num_bps: 1,
    num_wps: 1,
    hash_algo: chooser.below(2),
    vmid: 8 + chooser.below(200),
    rtt_base: BigInt(root),
    rtt_level_start: 1n,
    rtt_num_start: 1,
  })
  const page = pools.hostPage()
  yield withParams(page, params, [abi.RMI_REALM_CREATE, rd, page])
  for (const [ipa, level] of [
    [0, 2],
    [0, 3],
    [HALF, 2],
    [HALF, 3],
  ] as const) {
    yield step(abi.RMI_RTT_CREATE, rd, pools.granule('delegated'), ipa, level)
  }
  yield step(abi.RMI_RTT_INIT_RIPAS, rd, 0, 4 * GRANULE_SIZE)
  yield step(abi.RMI_DATA_CREATE, rd, pools.granule('delegated'), 0, page, 1)
  yield step(abi.RMI_DATA_CREATE_UNKNOWN, rd, pools.granule('delegated'), GRANULE_SIZE)
  for (let index = 0; index < 2; index++) {
    const [rec = 0, ...aux] = pools.granules('delegated', abi.REC_AUX_COUNT + 1)
    const recParams = abi.encodeRmiRecParams({
      flags: index === 0 || once(chooser, 2) ? abi.RMI_REC_FLAG_RUNNABLE : 0n,
      mpidr: BigInt(index),
      num_aux: BigInt(aux.length),
      aux: aux.map(BigInt),
    })
    yield withParams(page, recParams, [abi.RMI_REC_CREATE, rd, rec, page])
  }
  if (!once(chooser, 4)) yield step(abi.RMI_REALM_ACTIVATE, rd)
}

function step(...x: readonly (number | bigint)[]): Step {
  return { x: x.map(hex) }
}

function withParams(page: number, params: Uint8Array, x: readonly (number | bigint)[]): Step {
  return { writes: [writePage(page, params)], ...step(...x) }
}
