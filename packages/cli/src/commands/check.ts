import { describeWorkflow } from '@mica/dsl'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import type { Terminal } from '../terminal.ts'
import { countDiagnostics, diagnosticsJson, loadWorkflow, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica check FILE [--strict] [--json]

Checks a policy: every error with its place, and whether its assertions hold. Writes nothing.

  --strict   warnings count as errors
  --json     {"file", "diagnostics": [{code, severity, message, line, column, help?}]} on standard output

example: mica check pipeline.mica
Exit codes: 0 no errors, 1 errors, 2 usage, or the file cannot be read.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { strict: { type: 'boolean' }, json: { type: 'boolean' } })
  const loaded = loadWorkflow(given.only('policy file'))
  const { workflow, diagnostics } = loaded
  const failed = workflow === undefined || (given.flag('strict') && diagnostics.length > 0)
  if (given.flag('json')) {
    terminal.out(JSON.stringify(diagnosticsJson(loaded)))
  } else {
    printDiagnostics(loaded, terminal)
    if (failed) terminal.err(`${loaded.file}: ${countDiagnostics(diagnostics)}`)
    else terminal.out(describeWorkflow(workflow))
  }
  return failed ? 1 : 0
}

/** `mica check`: the errors and assertions of a policy. */
export const checkCommand: Command = { help: HELP, run }
