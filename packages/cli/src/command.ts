import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type ExitCode, type Terminal, UsageError } from './terminal.ts'

/** One `mica` command: how it is called, what it says of itself, and what it does. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Usage, options and an example, as `--help` prints them. */
  readonly help: string
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

export interface Arguments {
  readonly positionals: readonly string[]
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
}

/** Parses a command's arguments. Throws {@link UsageError} on an unknown option or a missing value. */
export function parseArguments(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return {
      positionals,
      text: (name) => asTexts(values[name]).at(-1),
      texts: (name) => asTexts(values[name]),
      flag: (name) => values[name] === true,
    }
  } catch (error) {
    throw new UsageError(firstSentence(error instanceof Error ? error.message : String(error)))
  }
}

function asTexts(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.filter((item): item is string => typeof item === 'string')
}

function firstSentence(message: string): string {
  const [sentence = message] = message.split(/\.\s/)
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}

/** The only positional argument of a command that takes exactly one. */
export function onlyPositional(args: Arguments, what: string): string {
  const [first, ...more] = args.positionals
  if (first === undefined) throw new UsageError(`no ${what} given`)
  if (more.length > 0) throw new UsageError(`one ${what} expected, found also \`${more.join(' ')}\``)
  return first
}

/** The value of an option that a command cannot do without. */
export function requiredText(args: Arguments, name: string): string {
  const value = args.text(name)
  if (value === undefined) throw new UsageError(`no --${name} given`)
  return value
}
