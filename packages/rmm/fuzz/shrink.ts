import { CHANGED_BY_FAILURE, type Checks } from './fuzz-world.ts'
import { type Failure, replaySteps } from './run.ts'
import type { FuzzTrace, Step } from './step.ts'

/** Steps between two looks at everything. */
const LOOK_EVERY = 16

/**
 * Leaves out of a trace what it goes wrong without: ever smaller runs of steps, then single actions of guests. What is
 * left goes wrong too, perhaps in another way.
 *
 * @param isOver Whether to stop looking.
 */
export function shrink(failure: Failure, isOver: () => boolean): Failure {
  const first = replaySteps(failure.trace)
  // Only checks after every step find what is wrong here; where they do not, the whole sequence is needed.
  if (first === undefined) return failure
  let best: Failure = { trace: upTo(failure.trace, first.step), problem: first.problem }
  const accept = (steps: readonly Step[]): boolean => {
    const trace = { ...best.trace, steps }
    const found = replaySteps(trace, checksFor(first.problem, steps.length))
    if (found === undefined) return false
    best = { trace: upTo(trace, found.step), problem: found.problem }
    return true
  }
  for (let size = Math.ceil(best.trace.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < best.trace.steps.length && !isOver(); ) {
      const { steps } = best.trace
      if (!accept([...steps.slice(0, start), ...steps.slice(start + size)])) start += size
    }
  }
  shrinkPrograms(() => best, accept, isOver)
  const exactly = replaySteps(best.trace)
  return exactly === undefined ? best : { trace: upTo(best.trace, exactly.step), problem: exactly.problem }
}

/**
 * Checks that find a problem again, and take no longer than they must: what is lost stays lost, so that it is enough to
 * look now and then; a failed call that changes something has to be caught in the act.
 */
function checksFor(problem: string, steps: number): (step: number) => Checks {
  if (problem.startsWith(CHANGED_BY_FAILURE)) return () => ({ state: true, invariants: false })
  return (step) => ({ state: false, invariants: step % LOOK_EVERY === 0 || step === steps - 1 })
}

function shrinkPrograms(best: () => Failure, accept: (steps: readonly Step[]) => boolean, isOver: () => boolean): void {
  for (let at = 0; at < best().trace.steps.length; at++) {
    for (let line = 0; line < (best().trace.steps[at]?.program?.length ?? 0) && !isOver(); ) {
      const { steps } = best().trace
      const step = steps[at]!
      if (!accept(steps.with(at, { ...step, program: step.program!.toSpliced(line, 1) }))) line++
    }
  }
}

function upTo(trace: FuzzTrace, step: number): FuzzTrace {
  return { ...trace, steps: trace.steps.slice(0, step + 1) }
}
