/** `npm run mutate`: ends also when it is interrupted, with what is known by then. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { PrivateCopy } from './private-copy.ts'
import { Report } from './report.ts'
import { Results } from './results.ts'
import { EXTENSION, POLICY } from './subjects.ts'
import { Trial } from './trial.ts'

const USAGE = `usage: npm run mutate -- [--policy] [--quick] [--json FILE] [FILE...]

Makes one small mistake after the other in the Mica extension of the monitor, or in the files of it that are named, and
runs the tests of the extension, and the attacks, that run the place, up to the first that fails. Prints every mistake that
none notices. Works on a copy of the tree. Takes a second or two a mistake on a quiet machine.

  --policy      makes them in those parts of @mica/policy that the monitor runs, and runs the tests of that package
  --quick       leaves the slowest quarter of the files of tests out: what survives may yet be noticed by one of them
  --json FILE   keeps all results in FILE, and does not try again what it says was noticed in the same source file
  --help        this text

Exit codes: 0 at least nine tenths were noticed, and mutation/equivalent.ts says why of each of the others; 1 otherwise;
2 usage; 130 interrupted.

example: npm run mutate -- pace.ts leave.ts`

function usageError(problem: string): never {
  console.error(`mutate: ${problem}\n\n${USAGE}`)
  process.exit(2)
}

function readArguments() {
  try {
    const options = {
      policy: { type: 'boolean' },
      quick: { type: 'boolean' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    } as const
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error))
  }
}

const { values, positionals } = readArguments()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const subjects = values.policy ? POLICY : EXTENSION
const { folder, files } = subjects
const unknown = positionals.find((name) => !files.some((file) => file.endsWith(`/${name}`)))
if (unknown !== undefined) usageError(`\`${unknown}\` is none of the files; they are in packages/${folder}/src`)
const wanted =
  positionals.length === 0 ? files : files.filter((file) => positionals.some((name) => file.endsWith(`/${name}`)))
const results =
  values.json === undefined ? undefined : new Results(resolve(process.env['INIT_CWD'] ?? '.', values.json))

const copy = new PrivateCopy(fileURLToPath(new URL('../../../', import.meta.url)))
const trial = new Trial(copy, { ...subjects, files: wanted }, values.quick ?? false)
const report = new Report()

process.once('exit', () => {
  trial.stop()
  copy.remove()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`interrupted: ${report.conclusion}`)
    process.exit(130)
  })
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

showProgress('all tests, without a mistake')
await trial.prepare()
for (const file of wanted) {
  const source = trial.source(file)
  for await (const outcome of trial.outcomes(file, results?.earlier(file, source))) {
    report.add(file, outcome)
    results?.write(file, source, report.outcomes(file))
    showProgress(`${report.tried} of ${trial.size} in ${file}`)
  }
  showProgress('')
  console.log(report.ofFile(file))
}
console.log(report.conclusion)
process.exit(report.isGood ? 0 : 1)
