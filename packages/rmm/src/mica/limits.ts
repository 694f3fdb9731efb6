import { DEFAULT_QUANTUM } from '@mica/hw-sim'
import {
  DEFAULT_LIMITS,
  GROUP_BYTES,
  GROUP_EXPANDED_BYTES,
  GROUP_MEMBERS,
  type PolicyLimits,
  TREE_LEAVES,
} from '@mica/policy'

/** How much the extension takes on. Exceeding a limit is an error, never a truncation. */
export interface MicaLimits {
  /** Policies that a Realm may have refused in its life; after as many, uploads are not looked at any more. */
  readonly refusals: number
  /** How large a policy may be: by default, and at most, as large as readers of reports take. */
  readonly policy: PolicyLimits
  /** Members of a group that reports are made of: by default as many as readers take. */
  readonly groupMembers: number
  /** Bytes of group evidence: by default as many as readers take of the group alone. */
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
  policy: DEFAULT_LIMITS,
  groupMembers: GROUP_MEMBERS,
  groupTokenBytes: GROUP_BYTES,
  groupExpandedBytes: GROUP_EXPANDED_BYTES,
  treeLeaves: TREE_LEAVES,
  quantum: DEFAULT_QUANTUM,
}

/**
 * The limits of one monitor: the defaults, but for what is given.
 *
 * @throws RangeError if a policy may be larger than a reader of reports takes: it would be in force, and never verified.
 */
export function micaLimits(given: Partial<MicaLimits>): MicaLimits {
  const limits = { ...DEFAULT_MICA_LIMITS, ...given }
  for (const [what, most] of Object.entries(DEFAULT_LIMITS)) {
    if (limits.policy[what as keyof PolicyLimits] > most)
      throw new RangeError(`limit of policies: ${what} above ${most}`)
  }
  return limits
}
