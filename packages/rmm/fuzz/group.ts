import { GROUP } from '../explorer/scenarios/group.ts'
import type { Plant } from '../explorer/stage.ts'
import { Trial } from '../explorer/trial.ts'
import { SeededChooser } from './chooser.ts'
import { GroupPrograms } from './group-program.ts'

/** A program that breaks a law, without what it breaks it without. */
export interface GroupFailure {
  readonly program: readonly string[]
  readonly problem: string
  /** How many programs were tried, this one included. */
  readonly programs: number
}

/** What came of programs that broke nothing. */
export interface GroupCount {
  readonly programs: number
  readonly actions: number
  readonly succeeded: number
}

/**
 * Tries programs of a host and three Realms, one after the other on one stage, each from the beginning.
 *
 * @param seed What the programs follow from; each has a seed of its own, so that any of them is found again.
 * @param note Told after each program what came of them so far.
 */
export function fuzzGroup(
  seed: number,
  programs: number,
  { plant, note }: { readonly plant?: Plant; readonly note?: (soFar: GroupCount) => void } = {},
): GroupFailure | GroupCount {
  const trial = new Trial(GROUP, plant)
  const maker = new GroupPrograms(trial)
  let actions = 0
  for (let i = 0; i < programs; i++) {
    const program = maker.make(new SeededChooser((seed + i * 0x9e37_79b9) % 2 ** 32))
    actions += program.length
    const found = trial.run(program)
    if (found !== undefined) return { ...shrinkProgram(trial, program.slice(0, found.at + 1)), programs: i + 1 }
    note?.({ programs: i + 1, actions, succeeded: trial.succeeded })
  }
  return { programs, actions, succeeded: trial.succeeded }
}

/** Leaves out actions, then steps of guests, that a program breaks a law without. */
function shrinkProgram(trial: Trial, program: readonly string[]): Omit<GroupFailure, 'programs'> {
  let best = program
  const accept = (smaller: readonly string[]): boolean => {
    const found = trial.run(smaller)
    if (found !== undefined) best = smaller.slice(0, found.at + 1)
    return found !== undefined
  }
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.length; ) {
      if (!accept([...best.slice(0, start), ...best.slice(start + size)])) start += size
    }
  }
  for (let at = 0; at < best.length; at++) {
    for (let line = 0; line < stepsOf(best[at]!).length; ) {
      const steps = stepsOf(best[at]!)
      const shorter = steps.length > 1 && accept(best.with(at, withSteps(best[at]!, steps.toSpliced(line, 1))))
      if (!shorter) line++
    }
  }
  return { program: best, problem: trial.run(best)?.problem ?? 'it is gone' }
}

function stepsOf(action: string): readonly string[] {
  return action.includes(': ') ? action.slice(action.indexOf(': ') + 2).split('; ') : []
}

function withSteps(action: string, steps: readonly string[]): string {
  return `${action.slice(0, action.indexOf(': '))}: ${steps.join('; ')}`
}
