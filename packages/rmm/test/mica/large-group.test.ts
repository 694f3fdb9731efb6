import { compatibleSet, decodeBlob, type Member, zeroRpv } from '@mica/policy'
import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
  RMI_ERROR_INPUT,
  RMI_SUCCESS,
} from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { groupToken, open } from './group-evidence.ts'
import { BOARD, IN, LargeGroup, OUT } from './large-group.ts'

/** Granules of each channel: 16 MiB in all. `npm run bench -- large-group` does the same with 1 GiB. */
const CHANNEL = 64

test('64 Realms with a channel each and one memory for all upload, pass data on, report and go', () => {
  const group = new LargeGroup({ members: 64, channel: CHANNEL, board: true })
  group.uploadUpTo(63)
  group.pass()

  const { group: report } = open(groupToken(group.members[5]!, 1n))
  const members = report.members.map(({ rim, rpv, blob }): Member => {
    const decoded = decodeBlob(blob)
    if (decoded.kind === 'refused') throw new Error(decoded.fact.rule)
    return { rim, rpv: rpv ?? zeroRpv(), policy: decoded.policy }
  })
  expect(new Set(members.map(({ rim }) => Buffer.from(rim).toString('hex'))).size).toBe(64)
  expect(report.channels.map(({ holders }) => holders.length).sort((a, b) => a - b)).toEqual([
    ...Array.from({ length: 64 }, () => 2),
    64,
  ])
  expect(compatibleSet(members, report.channels)).toEqual([])

  group.takeApart()
  const { monitor } = group.host.rmm
  expect([monitor.realms.size, monitor.recs.size]).toEqual([0, 0])
  const inUse = Array.from({ length: monitor.memory.granules }, (_, granule) => monitor.granules.state(granule)).filter(
    (state) => state !== GRANULE_STATE.undelegated && state !== GRANULE_STATE.delegated,
  )
  expect(inUse).toEqual([])
})

test('one granule more than the shared granule tables have room for is refused, and fits when one of them is gone or there is a table more', () => {
  const group = new LargeGroup({ members: 2, channel: 256 })
  const [first] = group.members
  const granule = group.host.delegated()
  const [free] = group.channels[0]!
  const { host } = group
  const map = (data: number, ipa: number) => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, first!.rd, data, ipa)
  expect(map(granule, BOARD)).toEqual([RMI_ERROR_INPUT, 0])
  expect(map(free!, BOARD)).toEqual([RMI_SUCCESS, 0])
  for (const { rd } of group.members)
    host.demand(RMI_DATA_DESTROY_SHARED, rd, rd === first!.rd ? OUT + 4096 : IN + 4096)
  expect(map(granule, BOARD + 4096)).toEqual([RMI_SUCCESS, 0])
  const last = host.delegated()
  expect(map(last, BOARD + 8192)).toEqual([RMI_ERROR_INPUT, 0])
  host.addSharedGranuleTable()
  expect(map(last, BOARD + 8192)).toEqual([RMI_SUCCESS, 0])
})
