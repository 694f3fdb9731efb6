import { format } from '@mica/dsl'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes, writeBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { countDiagnostics, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica fmt FILE… [--check] [--json]

Gives policy files their one layout: an item a line, the parts of neighbours below each other, comments where they were. What
a file means never changes. A file with syntax errors is left alone.

  --check  writes nothing, and says which files have another layout
  --json   {"files": [{file, changed, errors}]} on standard output

example: mica fmt --check policies/*.mica
Exit codes: 0 every file has its layout now, 1 one has errors (or, with --check, another layout), 2 usage, or a file cannot be read.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { check: { type: 'boolean' }, json: { type: 'boolean' } })
  const checking = given.flag('check')
  const json = given.flag('json')
  // Every file is read before one is written: a name that is wrong changes nothing.
  const files = given.some('policy file').map((file) => ({ file, source: readBytes(file, 'policy file') }))
  const results = files.map(({ file, source }) => {
    const { text, diagnostics } = format(source, { file })
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    const changed = errors === 0 && !Buffer.from(text).equals(source)
    if (!json) printDiagnostics({ diagnostics, sources: new Map([[file, new TextDecoder().decode(source)]]) }, terminal)
    if (errors > 0 && !json) terminal.err(`${file}: ${countDiagnostics(diagnostics)}, left as it is`)
    if (changed && !checking) writeBytes(file, text)
    if (changed && !json) terminal.out(checking ? `${file} has another layout` : `wrote ${file}`)
    return { file, changed, errors }
  })
  if (json) terminal.out(JSON.stringify({ files: results }))
  return results.some(({ changed, errors }) => errors > 0 || (checking && changed)) ? 1 : 0
}

/** `mica fmt`: the layout of policy files. */
export const fmtCommand: Command = { help: HELP, run }
