import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { oneLine } from '../conformance/outcome.ts'
import { type Print, runWith } from '../lab/command-line.ts'
import { progressReport } from '../lab/progress.ts'
import { type Exploration, explore } from './explore.ts'
import { replayProgram, type SavedProgram } from './replay.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const HELP = `Usage: npm run explore -- [--depth N] [--scenario NAME] [--seconds N] [--json]
       npm run explore -- --replay FILE

Looks at every state that small worlds of Realms, policies and shared memory can get into, whatever host and guests do,
and at what holds in it: who reaches which granule, what a failed call leaves, whether everything can be taken back.

  --depth N       actions in a row; by default until nothing is new, or as many as the scenario says
  --scenario NAME one of ${SCENARIOS.map(({ name }) => name).join(', ')}; all by default
  --seconds N     how long for each scenario; no limit by default
  --json          one array of results
  --replay FILE   does again what a broken law has left in a file
  --help          this text

Exits with 0 if no law was broken, with 1 if one was, with 2 if it was called wrongly.`

interface Options {
  readonly help: boolean
  readonly json: boolean
  readonly depth: number | undefined
  readonly milliseconds: number
  readonly scenarios: readonly Scenario[]
  readonly replay: string | undefined
}

/**
 * Explores scenarios, or does again what was found in one.
 *
 * @param workingFolder What files are relative to, and where what was found is written.
 * @param say Takes lines about how far it is, of explorations that take long.
 * @returns The exit code.
 */
export function exploreCommand(
  args: readonly string[],
  workingFolder: string,
  print: Print,
  say: Print = () => {},
): number {
  return runWith({ name: 'explore', help: HELP }, readOptions(args), print, (options) => {
    if (options.replay !== undefined) return replayFile(resolve(workingFolder, options.replay), print)
    return exploreAll(options, workingFolder, print, say)
  })
}

/** The options, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const string = { type: 'string' } as const
    const flag = { type: 'boolean' } as const
    const options = {
      depth: string,
      scenario: string,
      seconds: string,
      json: flag,
      replay: string,
      help: flag,
    } as const
    const { values } = parseArgs({ args: [...args], options })
    const depth = values.depth === undefined ? undefined : Number(values.depth)
    if (depth !== undefined && !(Number.isInteger(depth) && depth >= 0)) return `\`${values.depth}\` is no depth`
    const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY)
    if (!(seconds > 0)) return `\`${values.seconds}\` is no number of seconds`
    const scenarios = SCENARIOS.filter(({ name }) => values.scenario === undefined || name === values.scenario)
    if (scenarios.length === 0) return `there is no scenario \`${values.scenario}\``
    const { help = false, json = false, replay } = values
    return { help, json, depth, milliseconds: seconds * 1000, scenarios, replay }
  } catch (error) {
    return oneLine(error)
  }
}

function exploreAll(options: Options, workingFolder: string, print: Print, say: Print): number {
  const results: (Exploration & { readonly seconds: number })[] = []
  for (const scenario of options.scenarios) {
    const start = performance.now()
    const progress = progressReport(say)
    const isOver = ({ depth, states, transitions }: Readonly<Exploration>): boolean => {
      progress(() => `${scenario.name}: at depth ${depth}, ${states} states, ${transitions} transitions`)
      return performance.now() - start > options.milliseconds
    }
    const result = explore(scenario, { depth: options.depth ?? scenario.depth, isOver })
    const seconds = (performance.now() - start) / 1000
    results.push({ ...result, seconds })
    if (!options.json) print(describe(result, seconds))
    const { violation } = result
    if (violation === undefined) continue
    const file = `explore-${scenario.name}.json`
    const content: SavedProgram = { scenario: scenario.name, actions: violation.actions }
    writeFileSync(resolve(workingFolder, file), `${JSON.stringify(content, null, 2)}\n`)
    if (options.json) continue
    for (const action of violation.actions) print(`  ${action}`)
    print(`again: npm run explore -- --replay ${file}`)
  }
  if (options.json) print(JSON.stringify(results))
  return results.some(({ violation }) => violation !== undefined) ? 1 : 0
}

function describe({ violation, ...result }: Exploration, seconds: number): string {
  const { scenario, complete, depth, states, transitions, actions, effective } = result
  const bound = complete ? `complete at depth ${depth}` : `to depth ${depth}`
  const rate = `${Math.round(states / seconds)} states/s`
  const seen = `${states} states, ${transitions} transitions (${effective} of ${actions} actions succeed somewhere)`
  return `${scenario}: ${bound}, ${seen}, ${rate}, ${violation === undefined ? 'none found' : violation.problem}`
}

function replayFile(file: string, print: Print): number {
  try {
    const [code, line] = replayProgram(JSON.parse(readFileSync(file, 'utf8')))
    print(`explore: ${code === 2 ? `${file}: ` : ''}${line}`)
    return code
  } catch (error) {
    print(`explore: ${oneLine(error)}`)
    return 2
  }
}
