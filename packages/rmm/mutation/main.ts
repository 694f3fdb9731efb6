/**
 * `npm run mutate -- [FILE…]`: makes one small mistake after the other in the extension, in a private copy of the tree,
 * and sees whether some test of the monitor fails. Files are named as in `src/mica`; by default it is all of them.
 *
 * Prints a line per mutant that survives, then how many were caught, also when it is interrupted. Ends with 1 if fewer than
 * nine tenths were.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Mutant, mutantsOf } from './mutants.ts'
import { PrivateCopy } from './private-copy.ts'
import { TestRunner } from './test-run.ts'

/** Tests that most mistakes fail, and fail soon; then everything that has to do with the extension. */
const ROUNDS = [
  [
    'test/mica/commands.conditions',
    'test/mica/lifecycle',
    'test/mica/signals',
    'test/mica/upload-policy',
    'test/attacks',
  ],
  ['test/mica'],
]
/** A round of tests that takes so many times as long as without a mistake hangs: that is noticed, too. */
const PATIENCE = 3
const WANTED = 0.9

const USAGE = `usage: npm run mutate -- [FILE...]

Makes one small mistake after the other in the files of packages/rmm/src/mica that are named, or in all, in a private copy of
the tree, and prints those that no test notices. Takes some seconds a mistake.
Exit codes: 0 nine tenths or more were noticed, 1 fewer, 2 usage.

example: npm run mutate -- admission.ts`

const wanted = process.argv.slice(2)
const known = readdirSync(new URL('../src/mica', import.meta.url))
if (wanted.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
const unknown = wanted.find((name) => !known.includes(name))
if (unknown !== undefined) {
  console.error(`there is no ${unknown} in packages/rmm/src/mica\n\n${USAGE}`)
  process.exit(2)
}

const copy = new PrivateCopy(fileURLToPath(new URL('../../../', import.meta.url)))
const tests = new TestRunner(copy.path('.'), `${copy.root}/node_modules/vitest/vitest.mjs`)
let tried = 0
let caught = 0

process.once('exit', () => {
  tests.stop()
  copy.remove()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => conclude())

function conclude(): never {
  console.log(`${caught} of ${tried} mutants caught: ${((100 * caught) / tried).toFixed(1)} %`)
  process.exit(caught < WANTED * tried ? 1 : 0)
}

/** How long each round takes without a mistake, in milliseconds. Throws if one fails so. */
async function timeRounds(): Promise<readonly number[]> {
  const times: number[] = []
  for (const round of ROUNDS) {
    const started = performance.now()
    const { passed, output } = await tests.run(round)
    if (!passed) throw new Error(`the tests fail without any mistake:\n${output.replace(/^ok .*\n/gm, '')}`)
    times.push(performance.now() - started)
  }
  return times
}

async function survives(file: string, { text }: Mutant, times: readonly number[]): Promise<boolean> {
  const path = copy.path(file)
  const original = readFileSync(path)
  writeFileSync(path, text)
  try {
    for (const [index, round] of ROUNDS.entries()) {
      if (!(await tests.run(round, PATIENCE * times[index]!)).passed) return false
    }
    return true
  } finally {
    writeFileSync(path, original)
  }
}

const files = wanted.length > 0 ? wanted : known
const times = await timeRounds()
for (const name of files) {
  const file = `src/mica/${name}`
  for (const mutant of mutantsOf(readFileSync(copy.path(file), 'utf8'))) {
    if (await survives(file, mutant, times)) {
      console.log(`${file}:${mutant.line}: \`${mutant.from}\` as \`${mutant.to}\` survives`)
    } else caught++
    tried++
  }
  console.log(`${file}: ${caught} of ${tried} caught so far`)
}
conclude()
