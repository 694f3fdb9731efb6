import { basename } from 'node:path'
import { importPolicies } from '@mica/dsl'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, readBytes, writeBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { diagnosticJson, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica import FILE… [-o OUT.mica] [--name NAME] [--json]

Turns policies of other forms into the source of a policy file: JSON of the paper's prototype or of the paper itself, and policy
blobs of either version. Several views of one group become a workflow if they agree; where they do not, it is said why, and
each stays a policy of its own.

  --output OUT   where to write, -o for short; else standard output
  --name NAME    what the workflow is called; else as the output
  --json         {"workflow", "policies", "diagnostics": [{code, severity, message, file, line, column, docs, help?}]} on standard
                 output; with --output only

example: mica import rg.json re.json rn.json -o moderation.mica
Exit codes: 0 imported, 1 a policy is refused and nothing is written, 2 usage, or a file cannot be read or written.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, {
    output: { type: 'string', short: 'o' },
    name: { type: 'string' },
    json: { type: 'boolean' },
  })
  const files = given.several('policy', 1)
  const json = given.flag('json')
  const output = json ? given.need('output') : given.text('output')
  if (output !== undefined) checkWritable(output, files)
  const name = given.text('name') ?? basename(output ?? files[0]!).replace(/\.[^.]*$/, '')
  const read = files.map((file) => ({ file, bytes: readBytes(file, 'policy') }))
  const { text, workflow, policies, diagnostics } = importPolicies(read, name)
  // A blob has no lines to show.
  const texts = read.filter(({ bytes }) => bytes[0] === '{'.charCodeAt(0))
  const sources = new Map(texts.map(({ file, bytes }) => [file, new TextDecoder().decode(bytes)]))
  printDiagnostics({ diagnostics, sources }, terminal)
  if (json) {
    const names = text === undefined ? [] : policies.map((policy) => policy.name)
    terminal.out(
      JSON.stringify({
        workflow: workflow?.name ?? null,
        policies: names,
        diagnostics: diagnostics.map(diagnosticJson),
      }),
    )
  }
  if (text === undefined) return 1
  if (output === undefined) terminal.out(text.trimEnd())
  else writeBytes(output, text)
  return 0
}

/** `mica import`: policies of other forms as source. */
export const importCommand: Command = { help: HELP, run }
