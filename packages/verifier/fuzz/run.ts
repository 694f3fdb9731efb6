import { Dice, mutated } from './mutate.ts'
import type { Subject } from './subjects.ts'

/** The longest that one verdict may take, in milliseconds of processor time: other programs do not count. */
export const TIME_LIMIT_MS = 50

/** What went wrong with a mutant, and how to have it again. */
export interface FuzzFailure {
  readonly subject: string
  readonly run: number
  readonly what: string
  readonly bytes: Uint8Array
}

/** What a run found. */
export interface FuzzReport {
  readonly failures: readonly FuzzFailure[]
  /** Mutants that were accepted, and may be: of manifests that nobody signed. */
  readonly accepted: number
  /** The verdict that took longest. */
  readonly slowest: { readonly subject: string; readonly run: number; readonly ms: number }
}

/**
 * Judges mutants of what is good: none may make the verifier throw or take longer than `limitMs`, and none of what is
 * signed may be accepted. The same seed makes the same mutants.
 */
export function fuzz(subjects: readonly Subject[], runs: number, seed: number, limitMs: number): FuzzReport {
  const dice = new Dice(seed)
  const failures: FuzzFailure[] = []
  let slowest = { subject: '', run: 0, ms: 0 }
  let accepted = 0
  for (let run = 0; run < runs; run++) {
    const subject = subjects[dice.below(subjects.length)]!
    const diagnostics = dice.below(2) === 0 ? 'first' : 'all'
    const bytes = mutated(subject.bytes, dice)
    const { outcome, ms } = timed(() => (subject.accepts(bytes, diagnostics) ? 'accepted' : 'rejected'))
    if (ms > slowest.ms) slowest = { subject: subject.name, run, ms }
    const isWrong = outcome !== 'rejected' && (outcome !== 'accepted' || subject.isVouchedFor)
    if (isWrong) failures.push({ subject: subject.name, run, what: outcome, bytes })
    else if (ms > limitMs) failures.push({ subject: subject.name, run, what: `${ms.toFixed(0)} ms`, bytes })
    if (outcome === 'accepted' && !isWrong) accepted++
  }
  return { failures, accepted, slowest }
}

function timed(judge: () => string): { readonly outcome: string; readonly ms: number } {
  const start = process.cpuUsage()
  const outcome = outcomeOf(judge)
  const { user, system } = process.cpuUsage(start)
  return { outcome, ms: (user + system) / 1000 }
}

function outcomeOf(judge: () => string): string {
  try {
    return judge()
  } catch (error) {
    return `thrown: ${String(error)}`
  }
}
