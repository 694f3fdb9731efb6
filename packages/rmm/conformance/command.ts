import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkFolder, type FileOutcome } from './conformance.ts'
import { allEqual, oneLine, summary } from './outcome.ts'

const HELP = `Usage: npm run conformance -- FOLDER [--mica]

Replays every trace, RIM vector, REM vector and token description below FOLDER and compares all that was recorded.
Prints one line for each file that differs, with the first difference, and the counts in the last line.

  --mica   with the Mica extension; without it the monitor is the recorded one
  --help   this text

Exits with 0 if everything is as recorded, with 1 if something differs or nothing was found, with 2 if it was called wrongly.`

/**
 * Holds the monitor against recordings of real firmware.
 *
 * @param workingFolder What FOLDER is relative to.
 * @returns The exit code.
 */
export function conformanceCommand(
  args: readonly string[],
  workingFolder: string,
  print: (line: string) => void,
): number {
  if (args.includes('--help')) {
    print(HELP)
    return 0
  }
  const folder = resolve(workingFolder, args.find((argument) => !argument.startsWith('-')) ?? '')
  const problem = usageProblem(args, folder)
  if (problem !== undefined) {
    print(`conformance: ${problem}`)
    print(HELP)
    return 2
  }
  const outcomes: FileOutcome[] = []
  try {
    for (const outcome of checkFolder(folder, { mica: args.includes('--mica') })) {
      outcomes.push(outcome)
      if (outcome.problem !== undefined) print(`${outcome.file}: ${outcome.problem}`)
    }
  } catch (error) {
    print(`conformance: ${oneLine(error)}`)
    return 2
  }
  if (outcomes.length === 0) print(`there are no recordings in ${folder}`)
  print(summary(outcomes))
  return allEqual(outcomes) ? 0 : 1
}

function usageProblem(args: readonly string[], folder: string): string | undefined {
  const option = args.find((argument) => argument.startsWith('-') && argument !== '--mica')
  if (option !== undefined) return `unknown option \`${option}\``
  const folders = args.filter((argument) => !argument.startsWith('-'))
  if (folders.length !== 1) return folders.length === 0 ? 'no folder given' : 'more than one folder given'
  try {
    return statSync(folder).isDirectory() ? undefined : `\`${folders[0]}\` is not a folder`
  } catch (error) {
    return oneLine(error)
  }
}
