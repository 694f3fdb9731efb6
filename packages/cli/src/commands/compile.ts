import { join } from 'node:path'
import { type Command, onlyPositional, parseArguments } from '../command.ts'
import { type ExitCode, type Terminal, UsageError } from '../terminal.ts'
import { writeArtefacts } from '../workflow/artefacts.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { countDiagnostics, loadWorkflow, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica compile FILE --out DIR [--json]

Builds what a workflow is made of: the measured image and the policy blob of every peer, the module of types that realm code
imports, and mica.lock.json, which says what was measured. Nothing is written when the policy has errors.

  --out DIR  where to write; created if need be
  --json     {"workflow", "out", "peers": [{name, rim, imageBytes, blobBytes}]} on standard output

example: mica compile pipeline.mica --out build && mica run pipeline.mica --build build --input a.avi --output b.avi
Exit codes: 0 written, 1 the policy has errors, 2 usage, or an image cannot be built.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseArguments(args, { out: { type: 'string' }, json: { type: 'boolean' } })
  const file = onlyPositional(parsed, 'policy file')
  const out = parsed.text('out')
  if (out === undefined) throw new UsageError('no --out folder given')
  const loaded = loadWorkflow(file)
  printDiagnostics(loaded, terminal)
  const { workflow } = loaded
  if (workflow === undefined) {
    terminal.err(`${file}: ${countDiagnostics(loaded.diagnostics)}, nothing written`)
    return 1
  }
  const group = await buildGroup({ ...loaded, workflow })
  const files = writeArtefacts(group, out)
  const peers = group.peers.map(({ name, rim, image, blob }) => {
    return { name, rim: `sha256:${Buffer.from(rim).toString('hex')}`, imageBytes: image.length, blobBytes: blob.length }
  })
  if (parsed.flag('json')) terminal.out(JSON.stringify({ workflow: workflow.name, out, peers }))
  else {
    for (const { name, rim, imageBytes, blobBytes } of peers) {
      terminal.out(`${name.padEnd(16)} image ${imageBytes} bytes, policy ${blobBytes} bytes, ${rim}`)
    }
    terminal.out(`wrote ${files.map((name) => join(out, name)).join(', ')}`)
  }
  return 0
}

export const compileCommand: Command = {
  name: 'compile',
  summary: 'measured images, policy blobs and the lock',
  help: HELP,
  run,
}
