import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, writeBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { typesOf } from '../workflow/build-group.ts'
import { readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica types FILE [-o FILE]

The module of values and types that realm code imports: for each peer its channels, with rights, sizes and other ends, and the
calls that it is granted. Sending where the policy only lets receive does not compile. It holds no measurement. compile and run
make the same module for the images that they build; a file of it is for the editor.

  --output FILE  where to write, -o for short, by habit beside the policy; else standard output

example: mica types pipeline.mica -o pipeline.mica.ts
Exit codes: 0 written, 1 the policy has errors, 2 usage, or a file cannot be read or written.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { output: { type: 'string', short: 'o' } })
  const file = given.only('policy file')
  const output = given.text('output')
  if (output !== undefined) checkWritable(output, [file])
  const policy = readPolicy(file, terminal, { otherwise: 'nothing written', json: false })
  if (policy === undefined) return 1
  const { text } = typesOf(policy)
  if (output === undefined) terminal.out(text.trimEnd())
  else writeBytes(output, text)
  return 0
}

/** `mica types`: what realm code imports. */
export const typesCommand: Command = { help: HELP, run }
