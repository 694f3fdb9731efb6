import { hex } from '../conformance/trace/text.ts'
import * as abi from '../src/abi/index.ts'
import { type Chooser, once, pick, word } from './chooser.ts'
import type { Pools } from './pools.ts'
import { registerCall } from './register-call.ts'

const PSCI_CPU_ON = 0xc400_0003n
const PSCI_AFFINITY_INFO = 0xc400_0004n
const PSCI_CPU_SUSPEND = 0xc400_0001n
const PSCI_CPU_OFF = 0x8400_0002n
const PSCI_SYSTEM_OFF = 0x8400_0008n
const PSCI_SYSTEM_RESET = 0x8400_0009n
const PSCI_FEATURES = 0x8400_000an

/** What a Realm may ask for, and how. */
const CALLS: readonly ((pools: Pools, chooser: Chooser) => readonly (number | bigint)[])[] = [
  () => [abi.RSI_VERSION, 0x1_0000],
  () => [abi.RSI_FEATURES, 0],
  (_, c) => [abi.RSI_MEASUREMENT_READ, c.below(6)],
  (_, c) => [abi.RSI_MEASUREMENT_EXTEND, c.below(6), c.below(70), word(c), word(c)],
  (_, c) => [abi.RSI_ATTESTATION_TOKEN_INIT, ...Array.from({ length: 8 }, () => word(c))],
  (pools, c) => [abi.RSI_ATTESTATION_TOKEN_CONTINUE, pools.ipa(), c.below(2) * 16, c.below(5000)],
  (pools) => [abi.RSI_REALM_CONFIG, pools.ipa()],
  (pools, c) => [abi.RSI_IPA_STATE_SET, ...pools.range(), c.below(3), c.below(4)],
  (pools, c) => [abi.RSI_IPA_STATE_SET, ...pools.range(), c.below(2), c.below(2)],
  (pools) => [abi.RSI_IPA_STATE_GET, pools.ipa()],
  (pools) => [abi.RSI_HOST_CALL, pools.ipa() + 0x100],
  (pools, c) => [PSCI_CPU_ON, c.below(4), pools.ipa(), word(c)],
  (_, c) => [PSCI_AFFINITY_INFO, c.below(4), c.below(2)],
  () => [PSCI_CPU_SUSPEND, 0, 0, 0],
  () => [PSCI_CPU_OFF],
  (_, c) => [PSCI_FEATURES, pick(c, [PSCI_CPU_ON, PSCI_SYSTEM_OFF, 0x8000_0000n, 0n])],
  (pools, c) => [abi.RSI_UPLOAD_POLICY, pools.ipa(), c.below(5000)],
]

/** EC of syndromes that end a guest's run: abort of data, of instruction; WFx; HVC; system register. */
const CLASSES = [0x24n, 0x24n, 0x24n, 0x20n, 0x01n, 0x16n, 0x18n]

/** What a guest does in one RMI_REC_ENTER, with what other PEs and root firmware do meanwhile. */
export function guestProgram(chooser: Chooser, pools: Pools): string[] {
  return Array.from({ length: chooser.below(5) }, () => action(chooser, pools))
}

function action(chooser: Chooser, pools: Pools): string {
  const kind = chooser.below(20)
  if (kind < 10) {
    const call = pick(chooser, CALLS)(pools, chooser)
    return line('smc', ...call.map((value) => pools.mostly(value)))
  }
  if (kind < 13) {
    const ipa = BigInt(pools.ipa())
    const esr = (pick(chooser, CLASSES) << 26n) | (1n << 25n) | BigInt(chooser.below(2 ** 25))
    return line('sync', esr, ipa, (ipa >> 12n) << 4n)
  }
  if (kind < 16) return line('rmi', ...registerCall(chooser, pools))
  switch (kind) {
    case 16:
      return pick(chooser, ['irq', 'fiq'])
    case 17:
      return line('set', chooser.below(31), word(chooser))
    case 18:
      return once(chooser, 8)
        ? line('smc', pick(chooser, [PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET]))
        : line('smc', word(chooser))
    default:
      return once(chooser, 2)
        ? line('serror', 0xbe00_0000n + BigInt(chooser.below(2 ** 14)))
        : line('rmi', abi.RMI_REC_ENTER, pools.rec(), pools.hostPage())
  }
}

function line(action: string, ...values: readonly (number | bigint)[]): string {
  return [
    action,
    ...values.map((value) => (action === 'set' && typeof value === 'number' ? `${value}` : hex(value))),
  ].join(' ')
}
