import { Checkpoint } from '../lab/checkpoint.ts'
import { brokenInvariants } from '../lab/invariants.ts'
import { type Action, CHANGED_BY_FAILURE, parseAction } from './action.ts'
import { Oracle, type Sight } from './oracle.ts'
import type { Scenario } from './scenario.ts'
import { type Plant, Stage } from './stage.ts'
import { tearDown } from './teardown.ts'

/** Where and how a program breaks a law. */
export interface Breach {
  /** Which action, from 0; the number of actions if it is what comes after the last. */
  readonly at: number
  readonly problem: string
}

/** The machine at one moment of a program: to be compared with, as long as nothing succeeds. */
interface Moment {
  readonly checkpoint: Checkpoint
  readonly sight: Sight
}

/** A stage on which programs are tried, one after the other, each from the beginning. */
export class Trial {
  readonly stage: Stage
  /** Actions that succeeded, of all programs. */
  succeeded = 0
  readonly #oracle: Oracle
  readonly #beginning: Checkpoint
  readonly #first: Sight
  readonly #actions = new Map<string, Action>()

  constructor(scenario: Scenario, plant?: Plant) {
    this.stage = new Stage(scenario, plant)
    this.#oracle = new Oracle(this.stage)
    this.#beginning = new Checkpoint(this.stage.scope)
    this.#first = this.#oracle.look()
  }

  /** Whether a text is an action of this stage. */
  knows(text: string): boolean {
    return this.#actionOf(text) !== undefined
  }

  /** Does one action where the machine is, and looks at nothing; whether it succeeded. */
  perform(text: string): boolean {
    return this.#actionOf(text)?.perform() === 'done'
  }

  /** Does a program, looks at the laws after each of its actions, and takes everything back at the end. */
  run(program: readonly string[]): Breach | undefined {
    this.#beginning.restore()
    let last: Moment = { checkpoint: this.#beginning, sight: this.#first }
    let at = 0
    try {
      for (; at < program.length; at++) {
        const action = this.#actionOf(program[at]!)
        if (action?.isOpen() !== true) continue
        const outcome = this.#step(action, last)
        if (typeof outcome === 'string') return { at, problem: outcome }
        last = outcome
      }
      const problem = brokenInvariants(this.stage.scope)[0] ?? tearDown(this.stage, program.length)
      return problem === undefined ? undefined : { at, problem }
    } catch (error) {
      return { at, problem: `law 10: threw ${error instanceof Error ? (error.stack ?? error.message) : error}` }
    }
  }

  /** Does an action: what is there then, or a sentence about what should not be. */
  #step(action: Action, last: Moment): Moment | string {
    this.#oracle.warmUp(last.sight)
    if (action.perform() === 'failed') {
      const changed = last.checkpoint.difference(CHANGED_BY_FAILURE)
      return changed === undefined ? last : `law 2: a call that failed changed ${changed}`
    }
    this.succeeded++
    const sight = this.#oracle.look()
    const problem = this.#oracle.judge(sight, last.sight)
    return problem ?? { checkpoint: new Checkpoint(this.stage.scope, last.checkpoint), sight }
  }

  #actionOf(text: string): Action | undefined {
    const known = this.#actions.get(text)
    if (known !== undefined) return known
    const action = parseAction(this.stage, text)
    if (action !== undefined) this.#actions.set(text, action)
    return action
  }
}
