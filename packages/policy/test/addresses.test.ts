import { createHash } from 'node:crypto'
import { assignAddresses, type Mapping, SLOT_GRANULES, SLOTS, type WorkflowMemory } from '@mica/policy'
import { expect, test } from 'vitest'

const memory = (
  name: string,
  granules: number,
  peers: (number | null)[],
  at: number | null = null,
): WorkflowMemory => ({
  name,
  kind: 'protected',
  granules,
  paced: false,
  mappings: peers.map((peer): Mapping => ({ peer, rights: 1, ipaGranule: at })),
})
const slotOf = (name: string): number => createHash('sha256').update(name).digest().readUInt16BE(0)

function slots(...memories: WorkflowMemory[]): (number | null)[][] {
  const assigned = assignAddresses(memories)
  if (assigned.kind === 'refused') throw new Error(assigned.fact.rule)
  return assigned.memories.map(({ mappings }) =>
    mappings.map(({ ipaGranule }) => (ipaGranule === null ? null : ipaGranule / SLOT_GRANULES)),
  )
}

test('a memory lies in the slot of its name, the same in all its peers, and any is placed by nobody', () => {
  expect(slots(memory('raw', 64, [0, 1, null]))).toEqual([[slotOf('raw'), slotOf('raw'), null]])
})

test('a memory whose slot is taken in any of its peers takes the next free run', () => {
  const slot = slotOf('raw')
  const pinned = memory('pinned', SLOT_GRANULES + 1, [1], slot * SLOT_GRANULES)
  expect(slots(memory('raw', 64, [0, 1]), pinned)).toEqual([[slot + 2, slot + 2], [slot]])
  expect(slots(memory('raw', 64, [0]), pinned)).toEqual([[slot], [slot]])
})

test('the order of the file does not matter', () => {
  const a = memory('a', SLOT_GRANULES * 30_000, [0])
  const b = memory('b', SLOT_GRANULES * 30_000, [0])
  const [[ofA], [ofB]] = slots(a, b) as [number[], number[]]
  expect(slots(b, a)).toEqual([[ofB], [ofA]])
})

test('the search begins again at slot 0, and a full address space is a fact', () => {
  const rest = memory('rest', SLOT_GRANULES * (SLOTS - slotOf('raw')), [0], slotOf('raw') * SLOT_GRANULES)
  expect(slots(memory('raw', 1, [0]), rest)[0]).toEqual([0])
  expect(assignAddresses([memory('raw', 1, [0]), memory('all', SLOT_GRANULES * SLOTS, [0], 0)])).toMatchObject({
    fact: { rule: 'no-free-address', facts: { memory: 'raw' } },
  })
})
