import type { Instructions } from './instructions.ts'
import { POLICY_BLOB_OFFSET, POLICY_REGION_SIZE, REALM_BASE } from './memory-map.ts'

/**
 * Reads the blob that the host put into the policy region. The host chose every byte of it.
 *
 * @returns `undefined` when the region does not hold a blob that fits into it.
 */
export function readPolicyRegion(instructions: Instructions): Uint8Array | undefined {
  const length = instructions.load32(REALM_BASE)
  if (length === 0 || length > POLICY_REGION_SIZE - POLICY_BLOB_OFFSET) return undefined
  return instructions.load(REALM_BASE + POLICY_BLOB_OFFSET, length)
}

/**
 * Renders a policy region: what the host loads for a Realm.
 *
 * @throws RangeError when the blob does not fit; the largest is 65,520 bytes.
 */
export function encodePolicyRegion(blob: Uint8Array): Uint8Array {
  if (blob.length > POLICY_REGION_SIZE - POLICY_BLOB_OFFSET) {
    throw new RangeError(`a policy of ${blob.length} bytes does not fit into the policy region`)
  }
  const region = new Uint8Array(POLICY_REGION_SIZE)
  new DataView(region.buffer).setUint32(0, blob.length, true)
  region.set(blob, POLICY_BLOB_OFFSET)
  return region
}
