import { DEFAULT_QUANTUM } from '@mica/hw-sim'
import { GROUP_EXPANDED_BYTES, TREE_LEAVES } from '@mica/policy'

/** How much the extension takes on. Exceeding a limit is an error, never a truncation. */
export interface MicaLimits {
  /** Policies that a Realm may have refused in its life; after as many, uploads are not looked at any more. */
  readonly refusals: number
  /** Bytes of group evidence. */
  readonly groupTokenBytes: number
  /** Bytes to which the policies in group evidence expand: by default as many as readers take. */
  readonly groupExpandedBytes: number
  /** Leaves of a tree over a group: by default as many as readers take. */
  readonly treeLeaves: number
  /** Time of a PE, as its counter has it, between two credits of one reader on one channel, and between two rejoins. */
  readonly quantum: number
}

export const DEFAULT_MICA_LIMITS: MicaLimits = {
  refusals: 8,
  groupTokenBytes: 1_048_576,
  groupExpandedBytes: GROUP_EXPANDED_BYTES,
  treeLeaves: TREE_LEAVES,
  quantum: DEFAULT_QUANTUM,
}
