import { compareBytes } from '../cbor/value.ts'
import type { GroupMember } from './group.ts'

/**
 * Bytes to which the policies of a group expand where it is read: those of every distinct blob. Who writes a group asks
 * before encoding it whether readers will take it (`GROUP_EXPANDED_BYTES`).
 */
export function expandedBytes(members: readonly Pick<GroupMember, 'blob'>[]): number {
  const blobs = members.map(({ blob }) => blob).sort(compareBytes)
  const isRepeated = (blob: Uint8Array, index: number): boolean =>
    index > 0 && compareBytes(blobs[index - 1]!, blob) === 0
  return blobs.reduce((total, blob, index) => total + (isRepeated(blob, index) ? 0 : blob.length), 0)
}
