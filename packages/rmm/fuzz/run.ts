import { SeededChooser } from './chooser.ts'
import { type Checks, type FuzzOptions, FuzzWorld } from './fuzz-world.ts'
import { generate } from './generate.ts'
import type { FuzzTrace, Step } from './step.ts'

/** Steps that one machine lives through. A sequence that goes wrong later than this can hardly be shrunk. */
const STEPS_PER_MACHINE = 3000

/** Room for a block of 2 MiB. */
const DRAM_SIZE = 0x40_0000

/** How often a step is checked to the full: the checks take a hundred times as long as the step. */
const CHECK_EVERY = 32

export const ALL_CHECKS: Checks = { state: true, invariants: true }
const NO_CHECKS: Checks = { state: false, invariants: false }

/** How far a run has come. */
export interface Progress {
  calls: number
  machines: number
  /** Every command with every status that it has had. */
  readonly seen: Set<string>
}

/** A sequence that went wrong. */
export interface Failure {
  readonly trace: FuzzTrace
  readonly problem: string
}

/**
 * Builds machine after machine and does to each what its seed says, until `isOver` or something goes wrong. Every
 * second machine has the Mica extension.
 */
export function fuzz(seed: number, isOver: () => boolean, progress: Progress): Failure | undefined {
  while (!isOver()) {
    const options: FuzzOptions = { mica: progress.machines % 2 === 1, dramSize: DRAM_SIZE }
    const failure = fuzzMachine((seed + progress.machines * 0x9e37_79b9) % 2 ** 32, options, isOver, progress)
    if (failure !== undefined) return failure
    progress.machines++
  }
  return undefined
}

function fuzzMachine(
  seed: number,
  options: FuzzOptions,
  isOver: () => boolean,
  progress: Progress,
): Failure | undefined {
  const chooser = new SeededChooser(seed)
  const world = new FuzzWorld(options)
  const steps: Step[] = []
  const before = progress.calls
  while (steps.length < STEPS_PER_MACHINE && !isOver()) {
    for (const step of generate(chooser, world)) {
      steps.push(step)
      const problem = world.run(step, steps.length % CHECK_EVERY === 0 ? ALL_CHECKS : NO_CHECKS)
      if (problem !== undefined) return { trace: { ...options, steps }, problem }
    }
    progress.calls = before + world.calls
    for (const pair of world.coverage.keys()) progress.seen.add(pair)
  }
  return undefined
}

/** Where and how a sequence went wrong. */
export interface Finding {
  readonly step: number
  readonly problem: string
}

/**
 * Does the steps of a trace; the first that goes wrong, and how.
 *
 * @param checksAt How each step is checked; by default to the full.
 */
export function replaySteps(
  { steps, ...options }: FuzzTrace,
  checksAt: (step: number) => Checks = () => ALL_CHECKS,
): Finding | undefined {
  const world = new FuzzWorld(options)
  for (const [step, each] of steps.entries()) {
    const problem = world.run(each, checksAt(step))
    if (problem !== undefined) return { step, problem }
  }
  return undefined
}
