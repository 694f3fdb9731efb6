import { parseArgs } from 'node:util'
import { nearest } from './nearest.ts'
import { UsageError } from './usage-error.ts'

/** One option of a command: a switch, or one that takes a value. */
export interface OptionSpec {
  readonly type: 'boolean' | 'string'
  /** Whether it may be given more than once. */
  readonly multiple?: boolean
  /** One letter that stands for it after a single dash. */
  readonly short?: string
}

/** The options of a command, by name without the dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

/** The arguments of a command, checked against its options. */
export class Arguments {
  readonly #positionals: readonly string[]
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(positionals: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.#positionals = positionals
    this.#values = values
  }

  /** The value of an option, if it was given. */
  text(name: string): string | undefined {
    return this.texts(name).at(-1)
  }

  /** Every value of an option that may be given more than once. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** Whether a switch was given. */
  flag(name: string): boolean {
    return this.#values.has(name)
  }

  /** The value of an option that the command cannot do without. Throws {@link UsageError} when it is missing. */
  need(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw new UsageError(`no --${name} given`)
    return value
  }

  /** The positionals of a command that takes one or more. Throws {@link UsageError} when there is none. */
  some(what: string): readonly string[] {
    if (this.#positionals.length === 0) throw new UsageError(`no ${what} given`)
    return this.#positionals
  }

  /** The positionals of a command that takes several. Throws {@link UsageError} when there are fewer or more. */
  several(what: string, least: number, most: number = Number.POSITIVE_INFINITY): readonly string[] {
    const count = this.#positionals.length
    if (count < least)
      throw new UsageError(least === 1 ? `no ${what} given` : `${least} ${what}s expected, found ${count}`)
    if (count <= most) return this.#positionals
    throw new UsageError(
      `at most ${most} ${what}s expected, found also ${this.#positionals.slice(most).map(quoted).join(', ')}`,
    )
  }

  /** For a command that takes no positionals. Throws {@link UsageError} when there is one. */
  none(): void {
    const [first] = this.#positionals
    if (first !== undefined) throw new UsageError(`no arguments expected, found ${quoted(first)}`)
  }

  /** The value of an option that is a number from 1 to `most`, if it was given. Throws {@link UsageError} for another. */
  count(name: string, most: number): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0
    if (value >= 1 && value <= most) return value
    throw new UsageError(`--${name} ${quoted(text)} is no number from 1 to ${most}`)
  }

  /** The positional of a command that takes exactly one. Throws {@link UsageError} when there is none, or another. */
  only(what: string): string {
    const [first, ...more] = this.#positionals
    if (first === undefined) throw new UsageError(`no ${what} given`)
    if (more.length > 0) throw new UsageError(`one ${what} expected, found also ${more.map(quoted).join(', ')}`)
    return first
  }
}

/**
 * Reads the arguments of a command.
 *
 * Throws {@link UsageError} for the first of: an option there is not, a value that is missing or not wanted, an option
 * given twice that says one thing.
 */
export function parseArguments(args: readonly string[], options: OptionSpecs): Arguments {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true })
  const positionals: string[] = []
  const values = new Map<string, readonly string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const spec = Object.hasOwn(options, name) ? options[name] : undefined
    if (spec === undefined) throw unknownOption(rawName, name, options)
    checkValue(spec, rawName, value, inlineValue === true)
    const known = values.get(name) ?? []
    if (known.length > 0 && spec.multiple !== true && spec.type === 'string') {
      throw new UsageError(`${rawName} is given twice: ${[...known, value ?? ''].map(quoted).join(' and ')}`)
    }
    values.set(name, [...known, value ?? ''])
  }
  return new Arguments(positionals, values)
}

function checkValue(spec: OptionSpec, rawName: string, value: string | undefined, inline: boolean): void {
  if (spec.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, found ${quoted(value)}`)
    return
  }
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value`)
  // Whoever means a value that looks like an option writes `--name=-value`.
  if (!inline && value.startsWith('-') && value !== '-') {
    throw new UsageError(`${rawName} needs a value, found the option ${quoted(value)}`)
  }
}

function unknownOption(rawName: string, name: string, options: OptionSpecs): UsageError {
  const meant = nearest(name, Object.keys(options))
  return new UsageError(
    `there is no option ${quoted(rawName)}`,
    meant === undefined ? undefined : `did you mean --${meant}?`,
  )
}

const quoted = (text: string): string => `\`${text}\``
