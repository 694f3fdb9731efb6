import { describeWorkflow } from '@mica/dsl'
import { type Command, onlyPositional, parseArguments } from '../command.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { countDiagnostics, loadWorkflow, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica check FILE [--strict] [--json]

Checks a policy: every error with its place, and whether its assertions hold. Writes nothing.

  --strict   warnings count as errors
  --json     {"file", "diagnostics": [{code, severity, message, line, column, help?}]} on standard output

example: mica check pipeline.mica
Exit codes: 0 no errors, 1 errors, 2 the file cannot be read.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseArguments(args, { strict: { type: 'boolean' }, json: { type: 'boolean' } })
  const loaded = loadWorkflow(onlyPositional(parsed, 'policy file'))
  const failed = loaded.workflow === undefined || (parsed.flag('strict') && loaded.diagnostics.length > 0)
  if (parsed.flag('json')) {
    const diagnostics = loaded.diagnostics.map(({ code, severity, message, span, help }) => {
      return { code, severity, message, line: span.line, column: span.column, ...(help === undefined ? {} : { help }) }
    })
    terminal.out(JSON.stringify({ file: loaded.file, diagnostics }))
    return failed ? 1 : 0
  }
  printDiagnostics(loaded, terminal)
  if (failed || loaded.workflow === undefined) {
    terminal.err(`${loaded.file}: ${countDiagnostics(loaded.diagnostics)}`)
    return 1
  }
  terminal.out(describeWorkflow(loaded.workflow))
  return 0
}

export const check: Command = { name: 'check', summary: 'errors and assertions of a policy', help: HELP, run }
