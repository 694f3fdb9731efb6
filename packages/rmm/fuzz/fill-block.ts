import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import * as abi from '../src/abi/index.ts'
import { DRAM_BASE, type FuzzWorld } from './fuzz-world.ts'
import { BLOCK, type Pools } from './pools.ts'
import type { Step } from './step.ts'

/** Where the granules of a block lie: contiguous, and aligned to its size. */
const FIRST = DRAM_BASE + BLOCK
const PAGES = BLOCK / GRANULE_SIZE

/** Whether DRAM has room for a block, nothing of which is used. */
export function hasRoomForBlock({ dramSize, model }: FuzzWorld): boolean {
  if (dramSize < 2 * BLOCK) return false
  return Array.from({ length: PAGES }, (_, page) => model.state(FIRST + page * GRANULE_SIZE)).every(
    (state) => state === 'undelegated' || state === 'delegated',
  )
}

/** Populates all of a table with contiguous memory, and folds it into a block of level 2. */
export function* fillBlock(pools: Pools, { model }: FuzzWorld): Generator<Step, void> {
  const rd = pools.rd()
  yield step(abi.RMI_RTT_CREATE, rd, pools.granule('delegated'), BLOCK, 3)
  for (let page = 0; page < PAGES; page++) {
    const granule = FIRST + page * GRANULE_SIZE
    if (model.state(granule) === 'undelegated') yield step(abi.RMI_GRANULE_DELEGATE, granule)
    yield step(abi.RMI_DATA_CREATE_UNKNOWN, rd, granule, BLOCK + page * GRANULE_SIZE)
  }
  yield step(abi.RMI_RTT_FOLD, rd, BLOCK, 3)
}

function step(...x: readonly (number | bigint)[]): Step {
  return { x: x.map(hex) }
}
