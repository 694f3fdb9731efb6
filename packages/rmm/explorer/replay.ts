import { list, members, text } from '../conformance/shape.ts'
import { GROUP } from './scenarios/group.ts'
import { SCENARIOS } from './scenarios.ts'
import { Trial } from './trial.ts'

/** A scenario by its name, and what to do in it: what a broken law leaves in a file. */
export interface SavedProgram {
  readonly scenario: string
  readonly actions: readonly string[]
}

const SAVED_PROGRAM = members({ scenario: text, actions: list(text) })

/**
 * Does again what a file says.
 *
 * @param content What the file holds.
 * @returns The exit code, and a line about what happened.
 */
export function replayProgram(content: unknown): readonly [code: number, line: string] {
  const malformed = SAVED_PROGRAM(content, '')
  if (malformed !== undefined) return [2, malformed]
  const { scenario: name, actions } = content as SavedProgram
  const scenario = [...SCENARIOS, GROUP].find((each) => each.name === name)
  if (scenario === undefined) return [2, `there is no scenario \`${name}\``]
  const trial = new Trial(scenario)
  const unknown = actions.find((action) => !trial.knows(action))
  if (unknown !== undefined) return [2, `\`${unknown}\` is no action of ${name}`]
  const found = trial.run(actions)
  if (found === undefined) return [0, 'nothing went wrong']
  return [1, found.at < actions.length ? `\`${actions[found.at]}\`: ${found.problem}` : found.problem]
}
