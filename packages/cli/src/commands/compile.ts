import { join } from 'node:path'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import type { Terminal } from '../terminal.ts'
import { hex } from '../words.ts'
import { writeBuild } from '../workflow/build-folder.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica compile FILE --out DIR [--json]

Builds what a workflow is made of: the measured image and the policy blob of every peer, the module of types that realm code
imports, and mica.lock.json, which says what was measured. Nothing is written when the policy has errors.

  --out DIR  where to write; created if need be
  --json     {"workflow", "out", "peers": [{name, rim, imageBytes, blobBytes}]} on standard output

example: mica compile pipeline.mica --out build && mica run pipeline.mica --build build --input a.avi --output b.avi
Exit codes: 0 written, 1 the policy has errors, 2 usage, or an image cannot be built.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { out: { type: 'string' }, json: { type: 'boolean' } })
  const file = given.only('policy file')
  const out = given.need('out')
  const json = given.flag('json')
  const policy = readPolicy(file, terminal, { otherwise: 'nothing written', json })
  if (policy === undefined) return 1
  const group = await buildGroup(policy)
  const files = writeBuild(group, out)
  const peers = group.peers.map(({ name, rim, image, blob }) => {
    return { name, rim: `sha256:${hex(rim)}`, imageBytes: image.length, blobBytes: blob.length }
  })
  if (json) {
    terminal.out(JSON.stringify({ workflow: group.workflow.name, out, peers }))
    return 0
  }
  for (const { name, rim, imageBytes, blobBytes } of peers) {
    terminal.out(`${name.padEnd(16)} image ${imageBytes} bytes, policy ${blobBytes} bytes, ${rim}`)
  }
  terminal.out(`wrote ${files.map((name) => join(out, name)).join(', ')}`)
  return 0
}

/** `mica compile`: images, blobs and the lock. */
export const compileCommand: Command = { help: HELP, run }
