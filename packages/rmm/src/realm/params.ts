import {
  RMI_HASH_SHA_512,
  RMI_REALM_FLAG_LPA2,
  RMI_REALM_FLAG_PMU,
  RMI_REALM_FLAG_SVE,
  type RmiRealmParams,
} from '../abi/index.ts'
import type { Platform } from '../platform.ts'

/** Width of an IPA that one table of each start level resolves, and the least that is worth starting there. */
const START_LEVELS: ReadonlyMap<number, { readonly tableBits: number; readonly minBits: number }> = new Map([
  [0, { tableBits: 48, minBits: 40 }],
  [1, { tableBits: 39, minBits: 32 }],
  [2, { tableBits: 30, minBits: 32 }],
])

/** Concatenated start-level tables: at most 16 (Arm ARM D8.2.10), so 4 more bits than one table resolves. */
const MAX_START_TABLES = 16

/** VMIDs are 8 bits wide on this platform. */
const VMID_LIMIT = 256

/**
 * Whether a params page asks for what this platform has. Reserved bytes and unknown flags are accepted: they are
 * measured, or ignored, as the specification says.
 */
export function acceptableRealmParams(params: RmiRealmParams, platform: Platform): boolean {
  if ((params.flags & RMI_REALM_FLAG_LPA2) !== 0n && !platform.lpa2) return false
  if (params.s2sz > platform.ipaBits) return false
  if ((params.flags & RMI_REALM_FLAG_SVE) !== 0n && !acceptableSve(params, platform)) return false
  if (params.num_bps < 1 || params.num_bps > platform.breakpoints) return false
  if (params.num_wps < 1 || params.num_wps > platform.watchpoints) return false
  if ((params.flags & RMI_REALM_FLAG_PMU) !== 0n && !acceptablePmu(params, platform)) return false
  if (params.hash_algo > RMI_HASH_SHA_512) return false
  if (params.vmid >= VMID_LIMIT) return false
  return acceptableStart(params)
}

function acceptableSve(params: RmiRealmParams, platform: Platform): boolean {
  return platform.sveVectorLength !== undefined && params.sve_vl <= platform.sveVectorLength
}

function acceptablePmu(params: RmiRealmParams, platform: Platform): boolean {
  return params.pmu_num_ctrs >= 1 && params.pmu_num_ctrs <= platform.pmuCounters
}

/** SIMPLIFIED: start level -1, which needs IPAs of more than 48 bits, is not offered; no platform here is that wide. */
function acceptableStart(params: RmiRealmParams): boolean {
  const start = START_LEVELS.get(Number(params.rtt_level_start))
  if (start === undefined || params.s2sz < start.minBits) return false
  const tables = 2 ** Math.max(0, params.s2sz - start.tableBits)
  return tables <= MAX_START_TABLES && params.rtt_num_start === tables
}
