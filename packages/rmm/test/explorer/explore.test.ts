import { expect, test } from 'vitest'
import { explore } from '../../explorer/explore.ts'
import type { Scenario } from '../../explorer/scenario.ts'
import { BARE, PAIR, SECOND_LIFE } from '../../explorer/scenarios/pair.ts'
import { EVERY_SMALL_WORLD, small } from './small-worlds.ts'

test.each<[string, Scenario, effective: number]>(EVERY_SMALL_WORLD)(
  'every state of a small world keeps the laws: %s',
  (_, scenario, effective) => {
    const { complete, violation, ...seen } = explore(scenario)
    expect(violation).toBeUndefined()
    expect(complete).toBe(true)
    // What is meant to work does somewhere: no law is kept by standing still.
    expect(seen.effective).toBe(effective)
  },
)

test('granules that are used alike are the same state, whichever they are', () => {
  const world = (pool: number) => small(BARE, { pool, host: ['RMI_GRANULE_DELEGATE', 'RMI_SGT'], guests: [] })
  // Undelegated, delegated, or in the table: how many of each, in all.
  expect(explore(world(1)).states).toBe(3)
  expect(explore(world(2)).states).toBe(6)
  expect(explore(world(3)).states).toBe(10)
})

test('a bound on depth is said, and so is an end that comes before it', () => {
  expect(explore(PAIR, { depth: 1 })).toMatchObject({ depth: 1, complete: false })
  const alone = small(SECOND_LIFE, { before: [], host: ['RMI_REC_DESTROY'], guests: [] })
  // Two RECs, in either order.
  expect(explore(alone)).toMatchObject({ states: 4, depth: 2, complete: true })
})
