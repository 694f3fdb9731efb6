import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { oneLine } from '../conformance/outcome.ts'
import { replayProgram, type SavedProgram } from '../explorer/replay.ts'
import { GROUP } from '../explorer/scenarios/group.ts'
import { type Print, runWith } from '../lab/command-line.ts'
import { progressReport } from '../lab/progress.ts'
import { fuzzGroup, type GroupCount } from './group.ts'
import { fuzz, type Progress, replaySteps } from './run.ts'
import { shrink } from './shrink.ts'
import { FUZZ_TRACE, type FuzzTrace } from './step.ts'

const HELP = `Usage: npm run fuzz -- [--seconds N] [--seed S]
       npm run fuzz -- --group [--programs N] [--seed S]
       npm run fuzz -- --replay FILE

Makes calls that are nearly right, and some that are not, on machine after machine, from the host, from Realms and from
several PEs, and checks all the while that nothing throws, that no granule is lost and that a call which fails changes
nothing. With --group, makes programs of a host and three Realms with policies, and checks after every action who reaches
which memory with which rights. The same seed makes the same calls.

  --seconds N    how long; 10 by default
  --group        programs for a group
  --programs N   how many; 10000 by default
  --seed S       where to begin, a whole number; any by default
  --replay FILE  does again what a failure has left in a file
  --help         this text

Exits with 0 if nothing went wrong, with 1 if something did, with 2 if it was called wrongly.`

/** Milliseconds at most for making a failure smaller. */
const SHRINK_FOR = 30_000

/**
 * Looks for calls that the monitor does not survive.
 *
 * @param workingFolder What files are relative to, and where a failure is written.
 * @param say Takes lines about how far it is, of searches that take long.
 * @returns The exit code.
 */
export function fuzzCommand(
  args: readonly string[],
  workingFolder: string,
  print: Print,
  say: Print = () => {},
): number {
  return runWith({ name: 'fuzz', help: HELP }, readOptions(args), print, (options) => {
    if (options.replay !== undefined) return replayFile(resolve(workingFolder, options.replay), print)
    if (options.group) return searchGroup(options, workingFolder, print, say)
    return search(options, workingFolder, print, say)
  })
}

interface Options {
  readonly help: boolean
  readonly seconds: number
  readonly seed: number
  readonly group: boolean
  readonly programs: number
  readonly replay: string | undefined
}

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const text = { type: 'string' } as const
    const flag = { type: 'boolean' } as const
    const options = { seconds: text, seed: text, group: flag, programs: text, replay: text, help: flag } as const
    const { values } = parseArgs({ args: [...args], options })
    const seconds = Number(values.seconds ?? 10)
    const seed = Number(values.seed ?? Date.now() % 2 ** 32)
    if (!(seconds > 0 && seconds < 1e6)) return `\`${values.seconds}\` is no number of seconds`
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) return `\`${values.seed}\` is no seed below 2^32`
    const programs = Number(values.programs ?? 10_000)
    if (!Number.isInteger(programs) || programs < 0) return `\`${values.programs}\` is no number of programs`
    const { help = false, group = false, replay } = values
    return { help, seconds, seed, group, programs, replay }
  } catch (error) {
    return oneLine(error)
  }
}

function search({ seconds, seed }: Options, workingFolder: string, print: Print, say: Print): number {
  const progress: Progress = { calls: 0, machines: 0, seen: new Set() }
  const end = performance.now() + seconds * 1000
  const report = progressReport(say)
  const isOver = (): boolean => {
    report(() => describe(progress))
    return performance.now() >= end
  }
  const failure = fuzz(seed, isOver, progress)
  if (failure === undefined) {
    print(`fuzz: seed ${seed}, ${describe(progress)}, nothing went wrong`)
    return 0
  }
  print(
    `fuzz: seed ${seed}, after ${failure.trace.steps.length} steps on machine ${progress.machines}: ${failure.problem}`,
  )
  const stop = performance.now() + SHRINK_FOR
  const { trace, problem } = shrink(failure, () => performance.now() > stop)
  const file = `fuzz-${seed}.json`
  writeFileSync(resolve(workingFolder, file), `${JSON.stringify(trace, null, 2)}\n`)
  print(`in ${trace.steps.length} steps: ${problem}`)
  print(`again: npm run fuzz -- --replay ${file}`)
  return 1
}

function searchGroup({ programs, seed }: Options, workingFolder: string, print: Print, say: Print): number {
  const start = performance.now()
  const report = progressReport(say)
  const result = fuzzGroup(seed, programs, { note: (soFar) => report(() => describeGroup(soFar)) })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (!('program' in result)) {
    print(`fuzz: seed ${seed}, ${describeGroup(result)}, ${seconds} s, no law broken`)
    return 0
  }
  print(`fuzz: seed ${seed}, program ${result.programs}: ${result.problem}`)
  for (const action of result.program) print(`  ${action}`)
  const file = `fuzz-${seed}.json`
  const content: SavedProgram = { scenario: GROUP.name, actions: result.program }
  writeFileSync(resolve(workingFolder, file), `${JSON.stringify(content, null, 2)}\n`)
  print(`again: npm run fuzz -- --replay ${file}`)
  return 1
}

function describe({ calls, machines, seen }: Progress): string {
  return `${calls} calls on ${machines + 1} machines, ${seen.size} pairs of command and status`
}

function describeGroup({ programs, actions, succeeded }: GroupCount): string {
  return `${programs} programs, ${actions} actions, ${succeeded} successes`
}

function replayFile(file: string, print: Print): number {
  let trace: unknown
  try {
    trace = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    print(`fuzz: ${oneLine(error)}`)
    return 2
  }
  if (typeof trace === 'object' && trace !== null && 'scenario' in trace) {
    const [code, line] = replayProgram(trace)
    print(`fuzz: ${code === 2 ? `${file}: ` : ''}${line}`)
    return code
  }
  const malformed = FUZZ_TRACE(trace, '')
  if (malformed !== undefined) {
    print(`fuzz: ${file}: ${malformed}`)
    return 2
  }
  const found = replaySteps(trace as FuzzTrace)
  print(found === undefined ? 'fuzz: nothing went wrong' : `fuzz: step ${found.step}: ${found.problem}`)
  return found === undefined ? 0 : 1
}
