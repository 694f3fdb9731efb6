/**
 * `npm run mutate -- [FILE…]`: makes one small mistake after the other in the extension, in a private copy of the tree,
 * and sees whether some test of the monitor fails. Files are named as in `src/mica`; by default it is all of them.
 *
 * Prints a line per mutant that survives, then how many were caught. Ends with 1 if fewer than nine tenths were.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Mutant, mutantsOf } from './mutants.ts'
import { PrivateCopy } from './private-copy.ts'

/** Tests that most mistakes fail, and fail soon; then everything that has to do with the extension. */
const ROUNDS = [
  ['test/mica/commands.conditions', 'test/mica/lifecycle', 'test/mica/upload-policy', 'test/attacks'],
  ['test/mica'],
]
/** A run of the tests that takes longer hangs: that is noticed, too. */
const TIMEOUT_MS = 180_000
const WANTED = 0.9

const origin = fileURLToPath(new URL('../../../', import.meta.url))
const copy = new PrivateCopy(origin)
process.once('exit', () => copy.remove())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Whether the tests pass, as far as they get before the first failure. */
function pass(files: readonly string[]): boolean {
  const vitest = `${copy.root}/node_modules/vitest/vitest.mjs`
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', ...files, '--bail=1', '--maxWorkers=1', '--reporter=dot'],
    { cwd: copy.path('.'), stdio: 'ignore', timeout: TIMEOUT_MS },
  )
  return status === 0
}

function survives(file: string, { text }: Mutant): boolean {
  const path = copy.path(file)
  const original = readFileSync(path)
  writeFileSync(path, text)
  try {
    return ROUNDS.every(pass)
  } finally {
    writeFileSync(path, original)
  }
}

const wanted = process.argv.slice(2)
const files = readdirSync(copy.path('src/mica')).filter((name) => wanted.length === 0 || wanted.includes(name))
if (!ROUNDS.every(pass)) throw new Error('the tests fail without any mistake')
let tried = 0
let caught = 0
for (const name of files) {
  const file = `src/mica/${name}`
  for (const mutant of mutantsOf(readFileSync(copy.path(file), 'utf8'))) {
    tried++
    if (!survives(file, mutant)) caught++
    else console.log(`${file}:${mutant.line}: \`${mutant.from}\` as \`${mutant.to}\` survives`)
  }
  console.log(`${file}: ${caught} of ${tried} caught so far`)
}
console.log(`${caught} of ${tried} mutants caught: ${((100 * caught) / tried).toFixed(1)} %`)
if (caught < WANTED * tried) process.exitCode = 1
