import type { CommandEntry, ExitCode } from './command.ts'
import { nearest } from './nearest.ts'
import { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { VERSION } from './version.ts'

/** Every command, in the order in which a newcomer meets them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'run a workflow, from policy text to output',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'check',
    summary: 'errors and assertions of a policy',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'fmt',
    summary: 'one layout for policy files',
    load: async () => (await import('./commands/fmt.ts')).fmtCommand,
  },
  {
    name: 'compile',
    summary: 'measured images, policy blobs and the lock',
    load: async () => (await import('./commands/compile.ts')).compileCommand,
  },
  {
    name: 'explain',
    summary: 'the shortest paths from one place to another',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'graph',
    summary: 'a picture of a policy',
    load: async () => (await import('./commands/graph.ts')).graphCommand,
  },
  {
    name: 'diff',
    summary: 'what a change of a policy means',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'inspect',
    summary: 'what a policy blob says',
    load: async () => (await import('./commands/inspect.ts')).inspectCommand,
  },
  {
    name: 'import',
    summary: 'policies of other forms as source',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'types',
    summary: 'the module that realm code imports',
    load: async () => (await import('./commands/types.ts')).typesCommand,
  },
  {
    name: 'attest',
    summary: 'evidence of a workflow, without running it',
    load: async () => (await import('./commands/attest.ts')).attestCommand,
  },
  {
    name: 'verify',
    summary: 'judge evidence: group reports, tokens of Realms',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'endorse',
    summary: 'a lock or reference values as a CoRIM',
    load: async () => (await import('./commands/endorse.ts')).endorseCommand,
  },
  {
    name: 'serve',
    summary: 'the verifier as a service',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'disclose',
    summary: 'show a third party some members of a report',
    load: async () => (await import('./commands/disclose.ts')).discloseCommand,
  },
  {
    name: 'attack',
    summary: 'what a hostile host and hostile Realms can do to a workflow',
    load: async () => (await import('./commands/attack.ts')).attackCommand,
  },
]

/**
 * Runs one `mica` command.
 *
 * @param argv What follows `mica` on the command line.
 * @returns 0 when it is done and the answer is yes, 1 when the answer is no, 2 for usage or environment.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...args] = argv
  if (name === undefined) {
    terminal.err(overview())
    return 2
  }
  if (name === '--version') return say(terminal, VERSION)
  const asksHelp = name === '--help' || name === '-h' || name === 'help'
  if (asksHelp && args[0] === undefined) return say(terminal, overview())
  return dispatch(asksHelp ? args[0]! : name, asksHelp ? ['--help'] : args, terminal)
}

/** The process: arguments in, exit code out. Anything thrown here is a mistake of ours and shows its stack on request. */
export async function runMain(): Promise<void> {
  // Whoever reads the output may stop reading: that is no reason to end otherwise than without a reader.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
  const terminal = new Terminal(process.stdout, process.stderr)
  const debug = process.argv.includes('--debug')
  const argv = process.argv.slice(2).filter((argument) => argument !== '--debug')
  try {
    process.exitCode = await main(argv, terminal)
  } catch (thrown) {
    const mistake = thrown instanceof Error ? thrown : new Error(String(thrown))
    const [firstLine = ''] = mistake.message.split('\n')
    if (debug) terminal.error(mistake.stack ?? mistake.message)
    else terminal.error(firstLine, 'this is a mistake in mica, not in what you did; --debug shows where')
    process.exitCode = 2
  }
}

async function dispatch(name: string, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const entry = COMMANDS.find((candidate) => candidate.name === name)
  if (entry === undefined) {
    const what = name.startsWith('-') ? 'option' : 'command'
    terminal.error(`there is no ${what} \`${name}\``, helpForUnknown(name))
    return 2
  }
  const command = await entry.load()
  const options = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (options.includes('--help') || options.includes('-h')) return say(terminal, command.help)
  try {
    return await command.run(args, terminal)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    terminal.error(error.message, error.help ?? `mica ${entry.name} --help`)
    return 2
  }
}

function helpForUnknown(name: string): string {
  const names = COMMANDS.map((command) => command.name)
  const meant = nearest(name, [...names, '--help', '--version'])
  return meant === undefined
    ? `the commands are ${names.join(', ')}; mica --help tells more`
    : `did you mean mica ${meant}?`
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length))
  return `mica: confidential workflows out of components that do not trust each other

usage: mica COMMAND [ARGUMENTS]

${COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join('\n')}

  --help     this text; after a command, what the command takes, with an example
  --version  the version
  --debug    with any command: where a mistake of mica's own happened

example: mica run pipeline.mica --input clip.avi --output moderated.avi
Exit codes: 0 done, yes; 1 the answer is no; 2 usage or environment.`
}

function say(terminal: Terminal, text: string): ExitCode {
  terminal.out(text)
  return 0
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
