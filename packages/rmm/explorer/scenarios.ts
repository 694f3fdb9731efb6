import type { Scenario } from './scenario.ts'
import { REPLICAS, STRANGER, TWO_PAGES, WALL } from './scenarios/members.ts'
import { BARE, DECLARED, PAIR, SECOND_LIFE } from './scenarios/pair.ts'
import { PIPELINE, WINDOWS } from './scenarios/pipeline.ts'

/** Every scenario, in the order in which they are explored. */
export const SCENARIOS: readonly Scenario[] = [
  PAIR,
  BARE,
  TWO_PAGES,
  WINDOWS,
  WALL,
  REPLICAS,
  STRANGER,
  DECLARED,
  SECOND_LIFE,
  PIPELINE,
]
