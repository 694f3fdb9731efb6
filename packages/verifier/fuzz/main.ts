import { fuzz, TIME_LIMIT_MS } from './run.ts'
import { subjects } from './subjects.ts'

const RUNS = 100_000
const USAGE = `usage: npm run fuzz-verifier -- [RUNS [SEED]]

Changes single and several bytes of good tokens, group reports and manifests, and judges the mutants: ${RUNS} of them, or RUNS,
by the numbers that follow from SEED (1). None may make the verifier throw or take ${TIME_LIMIT_MS} ms of processor time, and none of
which everything is signed may be accepted. Prints each that does, in hexadecimal, and how long the slowest took.
Exit codes: 0 none did, 1 one did, 2 usage.`

/** The fuzzer of the verifier as a command: exit code 0 if no mutant does what none may, 1 if one does, 2 for usage. */
function main(args: readonly string[]): 0 | 1 | 2 {
  if (args.includes('--help')) {
    console.log(USAGE)
    return 0
  }
  const [runs = RUNS, seed = 1, ...more] = args.map(Number)
  if (more.length > 0 || !Number.isSafeInteger(runs) || !Number.isSafeInteger(seed) || runs < 1) {
    console.error(USAGE)
    return 2
  }
  const { failures, accepted, slowest } = fuzz(subjects(), runs, seed, TIME_LIMIT_MS)
  for (const { subject, run, what, bytes } of failures)
    console.log(`${subject}, run ${run}: ${what}: ${Buffer.from(bytes).toString('hex')}`)
  const taken = accepted === 0 ? '' : `, of which ${accepted} of manifests that nobody signed were accepted`
  console.log(`mutants: ${runs - failures.length} as they should be${taken}, ${failures.length} failed`)
  console.log(
    `the slowest took ${slowest.ms.toFixed(1)} ms of ${TIME_LIMIT_MS}: ${slowest.subject}, run ${slowest.run}`,
  )
  return failures.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
