/** Runs tests on request, one run after the other: a process of its own, that whoever started it may end at any time. */
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node'

/** What is asked of this process. */
export interface RunOrder {
  /** Text of source files in place of what the disk holds, by path. */
  readonly edits: readonly (readonly [path: string, text: string])[]
  /** Files of tests in the order in which they are to run, up to the first failure; all of them if absent. */
  readonly files?: readonly string[]
}

/** What it answers in the end, after a message `alive` for each test. */
export interface RunReport {
  /** The test that failed first, if one did. */
  readonly failure: { readonly path: string; readonly test: string } | undefined
  readonly files: readonly {
    readonly path: string
    /** In milliseconds. */
    readonly duration: number
    readonly loaded: readonly number[]
    readonly visited: readonly number[]
  }[]
}

const [root, setupFile, ...folders] = process.argv.slice(2)
const edits = new Map<string, string>()
/** Leaves the files of a run in the order in which they are given. */
class GivenOrder {
  sort(files: TestSpecification[]): TestSpecification[] {
    return files
  }
  shard(files: TestSpecification[]): TestSpecification[] {
    return files
  }
}

const vitest = await createVitest(
  'test',
  {
    root: root!,
    setupFiles: [setupFile!],
    watch: false,
    bail: 1,
    maxWorkers: 1,
    silent: true,
    // A sign of life.
    reporters: [{ onTestCaseResult: () => void process.send?.('alive') }],
    sequence: { sequencer: GivenOrder },
    // A mistake may make something that never stops growing.
    execArgv: ['--max-old-space-size=1024'],
  },
  { plugins: [{ name: 'edits', enforce: 'pre', transform: (_code, id) => edits.get(id) }] },
)
const all = await vitest.globTestSpecifications(folders)

process.on('message', (order: RunOrder) => void run(order).then((report) => process.send?.(report)))
// A worker that hangs does not notice that everyone else is gone.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))

async function run({ edits: changes, files }: RunOrder): Promise<RunReport> {
  for (const path of edits.keys()) vitest.invalidateFile(path)
  edits.clear()
  for (const [path, text] of changes) {
    edits.set(path, text)
    vitest.invalidateFile(path)
  }
  const wanted = files?.flatMap((path) => all.filter(({ moduleId }) => moduleId === path)) ?? all
  const { testModules: known, unhandledErrors } = await vitest.runTestSpecifications(wanted)
  // Vitest hands out what earlier runs came to as well.
  const asked = new Set(wanted.map(({ moduleId }) => moduleId))
  const testModules = known.filter(({ moduleId }) => asked.has(moduleId))
  if (unhandledErrors.length > 0 && testModules.every((module) => failureIn(module) === undefined)) {
    throw new Error('a run of tests ended in an error outside of them', { cause: unhandledErrors[0] })
  }
  return {
    failure: testModules.map(failureIn).find((failure) => failure !== undefined),
    files: testModules.map((module) => {
      const { loaded = [], visited = [] } = module.meta()
      return { path: module.moduleId, duration: module.diagnostic().duration, loaded, visited }
    }),
  }
}

function failureIn(module: TestModule): RunReport['failure'] {
  const path = module.moduleId
  for (const { fullName } of module.children.allTests('failed')) return { path, test: fullName }
  return module.state() === 'failed' ? { path, test: String(module.errors()[0]?.message) } : undefined
}
