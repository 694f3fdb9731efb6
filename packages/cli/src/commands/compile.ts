import { join } from 'node:path'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { hex } from '../words.ts'
import { writeBuild } from '../workflow/build-folder.ts'
import { compileFile } from '../workflow/compile-file.ts'
import { countDiagnostics, diagnosticsJson, printDiagnostics, readPolicyFile } from '../workflow/load-workflow.ts'

const TARGETS = ['mica-v2', 'poly-v1'] as const

const HELP = `usage: mica compile FILE --out DIR [--target T] [--peer P] [--json]

Builds what a policy file is made of: the policy blob of every peer of a workflow, or of every \`policy\` of the file; for peers
with an image also the measured image, the module of types that realm code imports, mica.lock.json, which says what was measured,
and mica.expectations.json, which says to a verifier elsewhere what to expect of the group (mica serve --expectations). Nothing is
written when the policy has errors.

  --out DIR     where to write; created if need be
  --target T    mica-v2 (the default), or poly-v1: the blobs that the paper's prototype reads, without images. They name peers by
                numbers instead of measurements: a monitor that takes one admits whoever comes first to a peer's place, and a
                verdict counts its peers as the host. Names of over 4 bytes are shortened; what v1 cannot say is an error
  --peer P      only what this peer (or this \`policy\`) needs
  --json        {"workflow"?, "out", "peers": [{name, rim?, imageBytes?, blobBytes}]} on standard output

example: mica compile pipeline.mica --out build && mica run pipeline.mica --build build --input a.avi --output b.avi
Exit codes: 0 written, 1 the policy has errors, 2 usage, or an image cannot be built.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, {
    out: { type: 'string' },
    target: { type: 'string' },
    peer: { type: 'string' },
    json: { type: 'boolean' },
  })
  const file = given.only('policy file')
  const out = given.need('out')
  const json = given.flag('json')
  const only = given.text('peer')
  const target = TARGETS.find((name) => name === (given.text('target') ?? 'mica-v2'))
  if (target === undefined) {
    throw new UsageError(`there is no target \`${given.text('target')}\``, `the targets are ${TARGETS.join(' and ')}`)
  }
  const reading = { otherwise: 'nothing written', json }
  const policy = readPolicyFile(file, terminal, reading)
  if (policy === undefined) return 1
  const { build, diagnostics, sources } = await compileFile(policy, { target, only })
  const known = new Set(policy.diagnostics.map(({ code, span }) => `${code} ${span.file} ${span.offset}`))
  const added = diagnostics.filter(({ code, span }) => !known.has(`${code} ${span.file} ${span.offset}`))
  printDiagnostics({ diagnostics: added, sources }, terminal)
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    terminal.err(`${file}: ${countDiagnostics(diagnostics)}, ${reading.otherwise}`)
    if (json) terminal.out(JSON.stringify(diagnosticsJson({ file, diagnostics })))
    return 1
  }
  if (only !== undefined && build.peers.length === 0) throw new UsageError(`${file} has no peer or policy \`${only}\``)
  const files = writeBuild(build, out)
  const peers = build.peers.map(({ name, rim, image, blob }) => ({
    name,
    ...(rim === undefined ? {} : { rim: `sha256:${hex(rim)}` }),
    ...(image === undefined ? {} : { imageBytes: image.length }),
    blobBytes: blob.length,
  }))
  if (json) {
    terminal.out(JSON.stringify({ workflow: policy.workflow?.name, out, peers }))
    return 0
  }
  for (const { name, rim, imageBytes, blobBytes } of peers) {
    const image = imageBytes === undefined ? '' : `image ${imageBytes} bytes, `
    terminal.out(`${name.padEnd(16)} ${image}policy ${blobBytes} bytes${rim === undefined ? '' : `, ${rim}`}`)
  }
  terminal.out(`wrote ${files.map((name) => join(out, name)).join(', ')}`)
  return 0
}

/** `mica compile`: images, blobs and the lock. */
export const compileCommand: Command = { help: HELP, run }
