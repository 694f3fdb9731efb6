import type { Specimen } from './corpus.ts'
import { Dice, mutated } from './mutate.ts'

/** The longest that one verdict may take, in milliseconds of processor time: other programs do not count. */
export const TIME_LIMIT_MS = 50

/** What went wrong with a mutant, and how to have it again. */
export interface FuzzFailure {
  readonly specimen: string
  readonly run: number
  readonly what: string
  readonly evidence: Uint8Array
}

/** What a run found, and the longest that a verdict took. */
export interface FuzzReport {
  readonly failures: readonly FuzzFailure[]
  readonly slowestMs: number
}

/**
 * Judges mutants of good evidence: none may be accepted, make the verifier throw, or take longer than `limitMs`. The same
 * seed makes the same mutants.
 */
export function fuzz(corpus: readonly Specimen[], runs: number, seed: number, limitMs: number): FuzzReport {
  const dice = new Dice(seed)
  const failures: FuzzFailure[] = []
  let slowestMs = 0
  for (let run = 0; run < runs; run++) {
    const specimen = corpus[dice.below(corpus.length)]!
    const diagnostics = dice.below(2) === 0 ? 'first' : 'all'
    const evidence = mutated(specimen.evidence, dice)
    const { what, ms } = judged(() => specimen.judge(evidence, diagnostics).kind, limitMs)
    slowestMs = Math.max(slowestMs, ms)
    if (what !== undefined) failures.push({ specimen: specimen.name, run, what, evidence })
  }
  return { failures, slowestMs }
}

function judged(
  judge: () => 'accepted' | 'rejected',
  limitMs: number,
): { readonly what: string | undefined; readonly ms: number } {
  const start = process.cpuUsage()
  try {
    if (judge() === 'accepted') return { what: 'accepted', ms: 0 }
  } catch (error) {
    return { what: `thrown: ${String(error)}`, ms: 0 }
  }
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000
  return { what: ms > limitMs ? `${ms.toFixed(0)} ms` : undefined, ms }
}
