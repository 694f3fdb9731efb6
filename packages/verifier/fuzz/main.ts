import { corpus } from './corpus.ts'
import { fuzz, TIME_LIMIT_MS } from './run.ts'

const RUNS = 100_000

/**
 * `tsx -C mica-source packages/verifier/fuzz/main.ts [RUNS [SEED]]`: 100,000 mutants of good evidence, or as many as
 * asked for. Exit code 0 if all are rejected in time, 1 if one is not, 2 for usage.
 */
function main(args: readonly string[]): 0 | 1 | 2 {
  const [runs = RUNS, seed = 1, ...more] = args.map(Number)
  if (more.length > 0 || !Number.isSafeInteger(runs) || !Number.isSafeInteger(seed) || runs < 1) {
    console.error('usage: fuzz/main.ts [RUNS [SEED]]')
    return 2
  }
  const { failures, slowestMs } = fuzz(corpus(), runs, seed, TIME_LIMIT_MS)
  for (const { specimen, run, what, evidence } of failures) {
    console.log(`${specimen}, run ${run}: ${what}: ${Buffer.from(evidence).toString('hex')}`)
  }
  console.log(
    `mutants: ${runs - failures.length} rejected, ${failures.length} failed; the slowest took ${slowestMs.toFixed(1)} ms of ${TIME_LIMIT_MS}`,
  )
  return failures.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
