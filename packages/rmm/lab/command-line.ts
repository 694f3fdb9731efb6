/** Takes a line of what a command says. */
export type Print = (line: string) => void

/**
 * What a command does with the options it has read: says what is wrong with them, prints its help, or runs.
 *
 * @param read The options, or what is wrong with them.
 * @returns The exit code: 2 for a wrong call, 0 for help, else that of `run`.
 */
export function runWith<Options extends { readonly help: boolean }>(
  { name, help }: { readonly name: string; readonly help: string },
  read: Options | string,
  print: Print,
  run: (options: Options) => number,
): number {
  if (typeof read === 'string') {
    print(`${name}: ${read}`)
    print(help)
    return 2
  }
  if (!read.help) return run(read)
  print(help)
  return 0
}
