import type { Policy } from '@mica/policy'
import { groupToken } from '../test/mica/group-evidence.ts'
import { LargeGroup } from '../test/mica/large-group.ts'
import type { BenchRow } from './delegate.ts'

const MEMBERS = 64
const ROUNDS = 5
/** Granules of each of 64 channels, which together are 1 GiB. */
const GIBIBYTE_CHANNEL = 4096

/**
 * Measures the upload of the last of 64 members who all share one memory, besides a channel from each to the next: with
 * projections of one workflow, and with views that differ, so that every pair is compared item by item. Then a whole group
 * of 64 with 1 GiB of shared memory is built, uploaded and reported.
 */
export function rows(): readonly BenchRow[] {
  return [
    { name: 'mica.upload_64_members_ms', value: lastUpload(), unit: 'ms' },
    {
      name: 'mica.upload_64_views_ms',
      value: lastUpload((policy) => ({ ...policy, version: policy.self })),
      unit: 'ms',
    },
    ...gibibyte(),
  ]
}

function lastUpload(change?: (policy: Policy) => Policy): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const group = new LargeGroup({ members: MEMBERS, channel: 4, board: true, ...(change && { change }) })
    best = Math.min(best, group.uploadUpTo(MEMBERS - 1))
  }
  return Number(best.toFixed(2))
}

/** Throws if anything of it does not work. */
function gibibyte(): readonly BenchRow[] {
  const started = performance.now()
  const group = new LargeGroup({ members: MEMBERS, channel: GIBIBYTE_CHANNEL })
  const last = group.uploadUpTo(MEMBERS - 1)
  group.pass()
  const [first] = group.members
  const bytes = groupToken(first!, 1n).length
  group.takeApart()
  const seconds = (performance.now() - started) / 1000
  return [
    { name: 'mica.group_64_1GiB_s', value: Number(seconds.toFixed(2)), unit: 's' },
    { name: 'mica.group_64_1GiB_last_upload_ms', value: Number(last.toFixed(2)), unit: 'ms' },
    { name: 'mica.group_64_report_bytes', value: bytes, unit: 'bytes' },
  ]
}
