import type { Command } from './command.ts'
import { check } from './commands/check.ts'
import { compileCommand } from './commands/compile.ts'
import { run } from './commands/run.ts'
import { verifyCommand } from './commands/verify.ts'
import { type ExitCode, Terminal, UsageError } from './terminal.ts'
import { VERSION } from './version.ts'

/** Every command, in the order in which a newcomer meets them. */
export const COMMANDS: readonly Command[] = [run, check, compileCommand, verifyCommand]

/**
 * Runs one `mica` command.
 *
 * @returns 0 when it is done and the answer is yes, 1 when the answer is no, 2 for usage or environment.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...args] = argv
  if (name === '--version') return say(terminal, VERSION)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = COMMANDS.find((command) => command.name === args[0])
    if (name === 'help' && about !== undefined) return say(terminal, about.help)
    terminal.out(overview())
    return name === undefined ? 2 : 0
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined) {
    return refuse(terminal, new UsageError(`there is no command \`${name}\``, 'mica --help lists them'))
  }
  if (args.includes('--help') || args.includes('-h')) return say(terminal, command.help)
  try {
    return await command.run(args, terminal)
  } catch (error) {
    if (error instanceof UsageError) return refuse(terminal, error, command)
    throw error
  }
}

/** The process: arguments in, exit code out. Anything thrown here is a mistake of ours and shows its stack on request. */
export async function runMain(): Promise<void> {
  const terminal = new Terminal(process.stdout, process.stderr)
  const debug = process.argv.includes('--debug')
  const argv = process.argv.slice(2).filter((argument) => argument !== '--debug')
  try {
    process.exitCode = await main(argv, terminal)
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    terminal.err(`${terminal.errorStyle.red('error')}: ${debug ? (cause.stack ?? cause.message) : cause.message}`)
    if (!debug) terminal.err('  this should not happen; --debug shows where it did')
    process.exitCode = 2
  }
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length))
  return [
    'mica: confidential workflows out of components that do not trust each other',
    '',
    'usage: mica COMMAND [ARGUMENTS]',
    '',
    ...COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'mica COMMAND --help tells more, with an example. Exit codes: 0 yes, 1 no, 2 usage or environment.',
  ].join('\n')
}

function say(terminal: Terminal, text: string): ExitCode {
  terminal.out(text)
  return 0
}

function refuse(terminal: Terminal, error: UsageError, command?: Command): ExitCode {
  terminal.err(`${terminal.errorStyle.red('error')}: ${error.message}`)
  const help = error.help ?? (command === undefined ? undefined : `mica ${command.name} --help`)
  if (help !== undefined) terminal.err(`  help: ${help}`)
  return 2
}
