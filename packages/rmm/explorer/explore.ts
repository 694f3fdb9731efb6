import { Checkpoint } from '../lab/checkpoint.ts'
import { brokenInvariants } from '../lab/invariants.ts'
import { type Action, CHANGED_BY_FAILURE, joinActions, type Outcome } from './action.ts'
import { alphabetOf } from './alphabet.ts'
import { foldState } from './fold.ts'
import { Oracle, type Sight } from './oracle.ts'
import type { Scenario } from './scenario.ts'
import { type Plant, Stage } from './stage.ts'
import { tearDown } from './teardown.ts'

export interface ExploreOptions {
  /** Actions in a row, at most; without it until nothing is new. */
  readonly depth?: number | undefined
  /** Whether to stop, asked once a state, with what was seen so far. */
  readonly isOver?: (soFar: Readonly<Exploration>) => boolean
  readonly plant?: Plant | undefined
}

/** A law that does not hold, and the shortest way there. */
export interface Violation {
  readonly problem: string
  readonly actions: readonly string[]
}

export interface Exploration {
  readonly scenario: string
  readonly actions: number
  states: number
  transitions: number
  /** Actions that succeeded in some state. */
  effective: number
  /** Actions in a row after which all is known: that many lead to the last new state, or to the bound. */
  depth: number
  /** Whether nothing was left to look at: every state that the scenario has was seen. */
  complete: boolean
  violation: Violation | undefined
}

/** A state on the way to the one at hand, with the machine as it was. */
interface Stop {
  readonly state: number
  readonly checkpoint: Checkpoint
  readonly sight: Sight
}

/**
 * Looks at every state that a scenario can get into, nearest first, and says of each whether the laws hold. The machine
 * and the monitor are the real ones: a state is reached by doing what leads there, and returned to from a checkpoint.
 */
export function explore(scenario: Scenario, options: ExploreOptions = {}): Exploration {
  return new Explorer(new Stage(scenario, options.plant), options).run()
}

class Explorer {
  readonly #stage: Stage
  readonly #options: ExploreOptions
  readonly #oracle: Oracle
  readonly #alphabet: readonly Action[]
  readonly #result: Exploration
  readonly #effective = new Set<number>()
  /** Actions of one guest made into one, by their indices. */
  readonly #joined = new Map<string, Action>()
  /** Whether each action succeeded when it was done the last time. */
  readonly #succeeds: boolean[] = []
  /** How each state was first reached: from which, by which action of the alphabet; and its description. */
  readonly #parents: number[] = [-1]
  readonly #via: number[] = [-1]
  readonly #folds: number[] = []
  readonly #known = new Map<number, number>()
  /** The way from the first state to the one at hand. */
  readonly #stops: Stop[] = []

  constructor(stage: Stage, options: ExploreOptions) {
    this.#stage = stage
    this.#options = options
    this.#oracle = new Oracle(stage)
    this.#alphabet = alphabetOf(stage)
    this.#result = {
      scenario: stage.scenario.name,
      actions: this.#alphabet.length,
      states: 1,
      transitions: 0,
      effective: 0,
      depth: 0,
      complete: false,
      violation: undefined,
    }
  }

  run(): Exploration {
    const result = this.#result
    const sight = this.#oracle.look()
    this.#stops.push({ state: 0, checkpoint: new Checkpoint(this.#stage.scope), sight })
    this.#enter(0, foldState(this.#stage, sight))
    const problem = this.#oracle.judge(sight, undefined) ?? this.#judgeState(0)
    if (problem !== undefined) return this.#end(problem, 0)
    let end = 1
    for (let state = 0; state < result.states; state++) {
      if (state === end) {
        end = result.states
        result.depth++
      }
      if (result.depth === this.#options.depth || this.#options.isOver?.(result) === true) return result
      if (!this.#expand(state)) return result
    }
    result.complete = true
    return result
  }

  /**
   * Everything that can be done in a state; false if a law is broken by that.
   *
   * What failed the last time is done last: as long as nothing succeeds, nothing has to be put back, and law 2 is looked
   * at once for all of it.
   */
  #expand(state: number): boolean {
    const { checkpoint, sight } = this.#goTo(state)
    /** Failed since the machine was put back the last time; failed before. */
    let failing: number[] = []
    const again: number[] = []
    const putBack = (): void => {
      again.push(...failing)
      failing = []
      checkpoint.restore()
      this.#oracle.warmUp(sight)
    }
    for (const batch of this.#batches()) {
      this.#result.transitions += batch.length
      if (batch.length > 1) {
        if (this.#failAtOneEntry(batch)) {
          failing.push(...batch)
          continue
        }
        putBack()
      }
      for (const index of batch) {
        const outcome = this.#attempt(state, index, sight)
        if (outcome === undefined) {
          // Perhaps because of what failed just before, and should not have changed anything.
          this.#checkOneByOne(state, checkpoint, failing)
          return false
        }
        this.#note(index, outcome)
        if (outcome === 'failed') failing.push(index)
        else putBack()
      }
    }
    for (const index of again) this.#alphabet[index]!.perform()
    return this.#checkFailures(state, checkpoint, [...failing, ...again])
  }

  /** Actions that are open, in the order in which to do them; those that a guest can be expected to fail in together. */
  #batches(): readonly (readonly number[])[] {
    const likely: (readonly number[])[] = []
    const unlikely: (readonly number[])[] = []
    const guests = new Map<string, number[]>()
    for (const [index, action] of this.#alphabet.entries()) {
      if (!action.isOpen()) continue
      if (this.#succeeds[index] === true) likely.push([index])
      else if (action.guest === undefined) unlikely.push([index])
      else guests.set(action.guest, [...(guests.get(action.guest) ?? []), index])
    }
    return [...likely, ...unlikely, ...guests.values()]
  }

  /** Has a guest do several things at one entry: whether all of them fail. What throws does not. */
  #failAtOneEntry(batch: readonly number[]): boolean {
    const key = batch.join()
    const joined =
      this.#joined.get(key) ??
      joinActions(
        this.#stage,
        batch.map((index) => this.#alphabet[index]!),
      )
    this.#joined.set(key, joined)
    try {
      return joined.perform() === 'failed'
    } catch {
      return false
    }
  }

  #note(index: number, outcome: Outcome): void {
    this.#succeeds[index] = outcome === 'done'
    if (outcome === 'done' && !this.#effective.has(index)) this.#result.effective = this.#effective.add(index).size
  }

  /** Does an action in the state at hand; `undefined` if that breaks a law. */
  #attempt(state: number, index: number, before: Sight): Outcome | undefined {
    try {
      if (this.#alphabet[index]!.perform() === 'failed') return 'failed'
      const sight = this.#oracle.look()
      const fold = foldState(this.#stage, sight)
      const isNew = !this.#known.has(fold)
      if (isNew) {
        this.#parents.push(state)
        this.#via.push(index)
        this.#enter(this.#result.states++, fold)
      }
      const problem =
        this.#oracle.judge(sight, before) ?? (isNew ? this.#judgeState(this.#result.states - 1) : undefined)
      if (problem === undefined) return 'done'
      this.#end(problem, state, index)
    } catch (error) {
      this.#end(`law 10: threw ${error instanceof Error ? (error.stack ?? error.message) : error}`, state, index)
    }
    return undefined
  }

  /** Law 2, for all that failed here, one after the other: the machine is as it was. If it is not, once more, one by one. */
  #checkFailures(state: number, checkpoint: Checkpoint, failed: readonly number[]): boolean {
    const changed = checkpoint.difference(CHANGED_BY_FAILURE)
    if (changed === undefined) return true
    if (!this.#checkOneByOne(state, checkpoint, failed)) return false
    this.#end(`law 2: calls that failed, one after the other, changed ${changed}`, state)
    return false
  }

  #checkOneByOne(state: number, checkpoint: Checkpoint, failed: readonly number[]): boolean {
    for (const index of failed) {
      checkpoint.restore()
      this.#alphabet[index]!.perform()
      const changed = checkpoint.difference(CHANGED_BY_FAILURE)
      if (changed === undefined) continue
      this.#end(`law 2: a call that failed changed ${changed}`, state, index)
      return false
    }
    return true
  }

  #enter(state: number, fold: number): void {
    this.#known.set(fold, state)
    this.#folds.push(fold)
  }

  /** What is looked at once a state: references counted afresh, and whether everything can be taken back. */
  #judgeState(state: number): string | undefined {
    return brokenInvariants(this.#stage.scope)[0] ?? tearDown(this.#stage, state % this.#stage.realms.length)
  }

  /** Makes the machine be in a state: from the nearest state on the way to it that is kept. */
  #goTo(state: number): Stop {
    const way: number[] = []
    for (let at = state; at >= 0; at = this.#parents[at]!) way.unshift(at)
    let shared = 0
    while (shared < this.#stops.length && this.#stops[shared]!.state === way[shared]) shared++
    this.#stops.length = shared
    let stop = this.#stops[shared - 1]!
    stop.checkpoint.restore()
    for (const next of way.slice(shared)) {
      this.#alphabet[this.#via[next]!]!.perform()
      const sight = this.#oracle.look()
      if (foldState(this.#stage, sight) !== this.#folds[next]) throw new Error(`state ${next} is not reached again`)
      stop = { state: next, checkpoint: new Checkpoint(this.#stage.scope, stop.checkpoint), sight }
      this.#stops.push(stop)
    }
    this.#oracle.warmUp(stop.sight)
    return stop
  }

  #end(problem: string, state: number, last?: number): Exploration {
    const actions = last === undefined ? [] : [this.#alphabet[last]!.text]
    for (let at = state; at > 0; at = this.#parents[at]!) actions.unshift(this.#alphabet[this.#via[at]!]!.text)
    this.#result.violation = { problem, actions }
    return this.#result
  }
}
