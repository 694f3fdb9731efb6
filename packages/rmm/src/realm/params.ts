import {
  RMI_HASH_SHA_512,
  RMI_REALM_FLAG_LPA2,
  RMI_REALM_FLAG_PMU,
  RMI_REALM_FLAG_SVE,
  type RmiRealmParams,
} from '../abi/index.ts'
import type { Platform } from '../platform.ts'
import { tableAddressLimit } from './realm.ts'

/** Widths of IPA spaces, in bits; the wide ones need FEAT_LPA2. */
const IPA_BITS = { min: 32, narrow: 48, wide: 52 } as const

/** Bits of an address below its page number, and bits that a table resolves. */
const PAGE_BITS = 12
const TABLE_BITS = 9

/** Concatenated start-level tables: at most 16 (Arm ARM D8.2.10), so 4 more bits than one table resolves. */
const CONCATENATED_BITS = 4

/** Walks may start at level 0 only if physical addresses have as many bits (Arm ARM, AArch64.S2InvalidSL). */
const LEVEL_0_ADDRESS_BITS = 44

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
  if (params.vmid >= 2 ** platform.vmidBits) return false
  return acceptableStart(params, platform)
}

function acceptableSve(params: RmiRealmParams, platform: Platform): boolean {
  return platform.sveVectorLength !== undefined && params.sve_vl <= platform.sveVectorLength
}

function acceptablePmu(params: RmiRealmParams, platform: Platform): boolean {
  if (!platform.pmu || params.pmu_num_ctrs > platform.pmuCounters) return false
  return params.pmu_num_ctrs > 0 || platform.hpmn0
}

/** Whether walks of an IPA space that wide may start at that level, with so many tables (AArch64.S2InconsistentSL). */
function acceptableStart(params: RmiRealmParams, platform: Platform): boolean {
  const { flags, s2sz, rtt_base, rtt_level_start, rtt_num_start } = params
  const wide = (flags & RMI_REALM_FLAG_LPA2) !== 0n
  if (Number(rtt_base) >= tableAddressLimit(wide)) return false
  const level = Number(rtt_level_start)
  if (s2sz < IPA_BITS.min || s2sz > (wide ? IPA_BITS.wide : IPA_BITS.narrow)) return false
  if (level < (wide ? -1 : 0) || level > 3) return false
  if (level === 0 && platform.ipaBits < LEVEL_0_ADDRESS_BITS) return false
  // What is left for the start level to resolve; one bit less, and the level below could be the first.
  const startBits = s2sz - PAGE_BITS - TABLE_BITS * (3 - level)
  if (startBits < 1 || startBits > TABLE_BITS + CONCATENATED_BITS) return false
  return rtt_num_start === 2 ** Math.max(0, startBits - TABLE_BITS)
}
