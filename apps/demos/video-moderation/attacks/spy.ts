import { decodeBlob } from '@mica/policy'
import { channelBase, instructions, readPolicyRegion, uploadPolicy } from '@mica/realm-sdk/runtime'
import { PSCI_SYSTEM_OFF } from '@mica/rmm/abi'

/**
 * A Realm that the host starts beside the group and maps onto its first channel. It leaves the boot code and the SDK out:
 * it looks into the channel, uploads a policy of its own that says it may read there, looks again, and ends.
 */
export default function idle(): void {
  look()
  const blob = readPolicyRegion(instructions())
  if (blob !== undefined) attempt(() => uploadPolicy(instructions(), blob))
  look()
  instructions().smc([PSCI_SYSTEM_OFF])
}

function look(): void {
  const blob = readPolicyRegion(instructions())
  const decoded = blob === undefined ? undefined : decodeBlob(blob)
  const base = decoded?.kind === 'policy' ? channelBase(decoded.policy, 'raw') : undefined
  if (base !== undefined) attempt(() => instructions().load(base, 4096))
}

function attempt(access: () => void): void {
  try {
    access()
  } catch {
    // Stopped.
  }
}
