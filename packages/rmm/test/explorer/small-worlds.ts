import type { Scenario } from '../../explorer/scenario.ts'
import { REPLICAS, STRANGER, TWO_PAGES, WALL } from '../../explorer/scenarios/members.ts'
import { BARE, PAIR, SECOND_LIFE } from '../../explorer/scenarios/pair.ts'
import { WINDOWS } from '../../explorer/scenarios/pipeline.ts'

/** A scenario with some of what it has, so that all of it is seen in a moment. */
export function small(scenario: Scenario, changes: Partial<Scenario>): Scenario {
  return { ...scenario, ...changes }
}

const SHARING = ['RMI_DATA_CREATE_UNKNOWN_SHARED', 'RMI_DATA_DESTROY_SHARED'] as const
const before = ['RMI_GRANULE_DELEGATE a']

export const NOTHING_YET: Scenario = small(BARE, { pool: 3, guests: ['UPLOAD'] })
export const ENDS_OF_A_CHANNEL: Scenario = small(PAIR, {
  pages: PAIR.pages.slice(0, 1),
  before,
  host: SHARING,
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'WRITE'],
})
export const ANYWHERE: Scenario = small(TWO_PAGES, {
  pool: 2,
  before: TWO_PAGES.before!.slice(0, 2),
  host: ['RMI_DATA_CREATE_UNKNOWN_SHARED'],
  guests: ['UPLOAD'],
})
export const ONE_WINDOW: Scenario = small(WINDOWS, { windows: WINDOWS.windows!.slice(0, 1), guests: ['UPLOAD'] })
export const ONE_AT_THE_WALL: Scenario = small(WALL, { before, host: SHARING, guests: ['UPLOAD'] })
export const ONE_PLACE: Scenario = small(REPLICAS, { before, host: SHARING, guests: ['UPLOAD'] })
export const AN_OWNER: Scenario = small(REPLICAS, {
  realms: REPLICAS.realms.slice(0, 2),
  before,
  host: SHARING,
  guests: ['UPLOAD', 'REVOKE', 'WRITE'],
})
export const A_STRANGER: Scenario = small(STRANGER, { before, host: SHARING, guests: ['UPLOAD'] })
export const BUILT_AGAIN: Scenario = small(SECOND_LIFE, {
  realms: SECOND_LIFE.realms.slice(0, 1),
  policies: [],
  together: [],
  host: ['RMI_DATA_DESTROY', 'RMI_RTT_DESTROY', 'RMI_REC_DESTROY', 'RMI_REALM_DESTROY', 'REBUILD'],
  guests: [],
})

/** Each with how many of its actions succeed somewhere. */
export const EVERY_SMALL_WORLD: [string, Scenario, effective: number][] = [
  ['two ends of a channel, from nothing', NOTHING_YET, 27],
  ['two ends of a channel that come and go', ENDS_OF_A_CHANNEL, 11],
  ['a channel wherever the host puts it', ANYWHERE, 10],
  ['windows to the host', ONE_WINDOW, 12],
  ['a wall for one other at a time', ONE_AT_THE_WALL, 9],
  ['two for one place', ONE_PLACE, 9],
  ['a memory that its owner ends', AN_OWNER, 9],
  ['a stranger, and a peer that wants more', A_STRANGER, 9],
  ['a Realm taken apart and built again', BUILT_AGAIN, 7],
]
