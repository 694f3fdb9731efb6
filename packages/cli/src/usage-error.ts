/** Something the person who called must change: arguments, files, the environment. Ends the command with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** What to do next, if there is more to say than the cause. */
  readonly help: string | undefined

  /**
   * @param message The cause in one line: lower-case, no period, what the caller wrote in backticks.
   * @param help The next step; without it the help of the command is named.
   */
  constructor(message: string, help?: string) {
    super(message)
    this.help = help
  }
}
