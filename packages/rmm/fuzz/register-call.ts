import * as abi from '../src/abi/index.ts'
import { type Chooser, once, pick } from './chooser.ts'
import { SVE_HINT } from './function-id.ts'
import type { Pools } from './pools.ts'

/** Makes the arguments of one command. */
type Arguments = (pools: Pools, chooser: Chooser) => readonly (number | bigint)[]

/** Commands whose arguments are registers only, the more often the more they are needed by the others. */
const COMMANDS: readonly (readonly [weight: number, fid: bigint, args: Arguments])[] = [
  [4, abi.RMI_GRANULE_DELEGATE, (pools) => [pools.anyGranule()]],
  [3, abi.RMI_GRANULE_UNDELEGATE, (pools) => [pools.granule('delegated')]],
  [
    5,
    abi.RMI_DATA_CREATE,
    (pools, c) => [pools.rd(), pools.granule('delegated'), pools.ipa(), pools.hostPage(), c.below(2)],
  ],
  [6, abi.RMI_DATA_CREATE_UNKNOWN, (pools) => [pools.rd(), pools.granule('delegated'), pools.ipa()]],
  [5, abi.RMI_DATA_DESTROY, (pools) => [pools.rd(), pools.ipa()]],
  [2, abi.RMI_REALM_ACTIVATE, (pools) => [pools.rd()]],
  [1, abi.RMI_REALM_DESTROY, (pools) => [pools.rd()]],
  [1, abi.RMI_REC_DESTROY, (pools) => [pools.rec()]],
  [
    8,
    abi.RMI_RTT_CREATE,
    (pools) => withLevel(pools, (level, ipa) => [pools.rd(), pools.granule('delegated'), ipa, level]),
  ],
  [4, abi.RMI_RTT_DESTROY, (pools) => withLevel(pools, (level, ipa) => [pools.rd(), ipa, level])],
  [4, abi.RMI_RTT_FOLD, (pools) => withLevel(pools, (level, ipa) => [pools.rd(), ipa, level])],
  [3, abi.RMI_RTT_READ_ENTRY, (pools) => [pools.rd(), pools.ipa(), pools.level()]],
  [
    5,
    abi.RMI_RTT_MAP_UNPROTECTED,
    (pools, c) => [pools.rd(), pools.unprotectedIpa(), pools.level(), nsDescriptor(pools, c)],
  ],
  [3, abi.RMI_RTT_UNMAP_UNPROTECTED, (pools) => [pools.rd(), pools.unprotectedIpa(), pools.level()]],
  [4, abi.RMI_RTT_INIT_RIPAS, (pools) => [pools.rd(), ...pools.range()]],
  [5, abi.RMI_RTT_SET_RIPAS, (pools) => [pools.rd(), pools.rec(), ...pools.range()]],
  [3, abi.RMI_PSCI_COMPLETE, (pools, c) => [pools.rec(), pools.rec(), pick(c, [0n, abi.PSCI_DENIED, 1n])]],
  [1, abi.RMI_REC_AUX_COUNT, (pools) => [pools.rd()]],
  [1, abi.RMI_FEATURES, (_, c) => [c.below(3)]],
  [1, abi.RMI_VERSION, (_, c) => [pick(c, [0x1_0000, 0x2_0000, 0])]],
  [1, abi.RMI_SGT, (pools) => [pools.granule('delegated')]],
  [1, abi.RMI_SGT_DESTROY, (pools) => [pools.granule('sgt')]],
  [1, abi.RMI_REALM_PD, (pools) => [pools.rd(), pools.granule('delegated')]],
  [
    2,
    abi.RMI_DATA_CREATE_UNKNOWN_SHARED,
    (pools, c) => [pools.rd(), pools.granule(pick(c, ['delegated', 'data-shared'])), pools.ipa()],
  ],
  [2, abi.RMI_DATA_DESTROY_SHARED, (pools) => [pools.rd(), pools.ipa()]],
]

/** Every command as often as its weight. */
const WEIGHTED = COMMANDS.flatMap(([weight, ...command]) => Array.from({ length: weight }, () => command))

/** A call whose arguments are registers only; another PE may make it while a guest runs. */
export function registerCall(chooser: Chooser, pools: Pools): bigint[] {
  const [fid, args] = pick(chooser, WEIGHTED)
  return [once(chooser, 16) ? fid | SVE_HINT : fid, ...args(pools, chooser).map((value) => pools.mostly(value))]
}

function withLevel(pools: Pools, args: (level: bigint, ipa: number) => readonly (number | bigint)[]) {
  const level = pools.level()
  return args(level, pools.tableIpa(Number(BigInt.asIntN(64, level))))
}

/** MemAttr and S2AP of Non-secure memory anywhere, with an address that is aligned for any level. */
function nsDescriptor(pools: Pools, chooser: Chooser): bigint {
  const address = pick(chooser, [pools.hostPage(), 0x8000_0000, 0x4000_0000, pools.granule('data')])
  return BigInt(address + pick(chooser, [0xd8, 0x58, 0x48, 0xc8, 0xdc, 0]))
}
