import { writeFileSync } from 'node:fs'
import type { Workflow } from '@mica/policy'
import { type Arguments, type Command, onlyPositional, parseArguments, requiredText } from '../command.ts'
import { backendNamed, trustNamed, verifierNamed } from '../run/installed.ts'
import { RunReport } from '../run/run-report.ts'
import { type RunResult, runWorkflow, seedOf } from '../run/run-workflow.ts'
import { TraceFile } from '../run/trace-file.ts'
import { type ExitCode, type Terminal, UsageError } from '../terminal.ts'
import { readBuild } from '../workflow/artefacts.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { expectationsOf } from '../workflow/expectations.ts'
import {
  countDiagnostics,
  type LoadedWorkflow,
  loadWorkflow,
  printDiagnostics,
  readBytes,
  reasonOf,
} from '../workflow/load-workflow.ts'

const HELP = `usage: mica run FILE --input F --output G [options]

Runs a workflow: builds the images, boots the machine, launches the group, has its report verified, and only then lets the
input in, encrypted, through the gateway. The output comes back encrypted and is written to G.

  --input F        what goes in
  --output G       where the output is written; nothing is written unless it is complete
  --build DIR      use the images and blobs of \`mica compile --out DIR\` as they are, instead of building
  --seed N         repeat a run: everything random on the machine follows from N, keys included
  --trace T        write every event of the machine to T, a JSON object per line
  --evidence E     write the group report to E, for \`mica verify\`
  --backend NAME   the machine to run on (simulator)
  --verifier NAME  who judges the report (local)
  --trust NAME     whom to believe; by default the root of trust that the backend says it has
  --json           one JSON object on standard output instead of a report

example: mica run pipeline.mica --input clip.avi --output moderated.avi --trace run.jsonl
Exit codes: 0 done, 1 the policy has errors or the report was not accepted, 2 usage, environment or unusable input.`

const OPTIONS = {
  input: { type: 'string' },
  output: { type: 'string' },
  build: { type: 'string' },
  seed: { type: 'string' },
  trace: { type: 'string' },
  evidence: { type: 'string' },
  backend: { type: 'string' },
  verifier: { type: 'string' },
  trust: { type: 'string' },
  json: { type: 'boolean' },
} as const

async function execute(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseArguments(args, OPTIONS)
  const file = onlyPositional(parsed, 'policy file')
  const input = readBytes(requiredText(parsed, 'input'), 'input')
  const output = requiredText(parsed, 'output')
  const loaded = loadWorkflow(file)
  printDiagnostics(loaded, terminal)
  const { workflow } = loaded
  if (workflow === undefined) {
    terminal.err(`${file}: ${countDiagnostics(loaded.diagnostics)}, nothing run`)
    return 1
  }
  return runLoaded({ ...loaded, workflow }, { parsed, input, output }, terminal)
}

async function runLoaded(
  loaded: LoadedWorkflow & { readonly workflow: Workflow },
  { parsed, input, output }: { parsed: Arguments; input: Uint8Array; output: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const backend = backendNamed(parsed.text('backend') ?? 'simulator')
  const verifier = verifierNamed(parsed.text('verifier') ?? 'local')
  const trust = trustNamed(parsed.text('trust') ?? backend.trust)
  const report = new RunReport(terminal, parsed.flag('json'))
  const build = parsed.text('build')
  const group = build === undefined ? await buildGroup(loaded) : readBuild(build, loaded)
  report.built(loaded, group)
  const seed = parsed.text('seed')
  const trace = TraceFile.open(parsed.text('trace'))
  try {
    const result = await runWorkflow({
      group,
      backend,
      verifier,
      trust,
      expectations: expectationsOf(group.workflow, new Map(group.peers.map(({ name, rim }) => [name, [rim]]))),
      input,
      ...(seed === undefined ? {} : { seed: seedOf(seed) }),
      observer: report.observer((event) => trace.write(event)),
    })
    return finish(result, report, { output, evidence: parsed.text('evidence') })
  } finally {
    trace.close()
  }
}

function finish(
  result: RunResult,
  report: RunReport,
  files: { output: string; evidence: string | undefined },
): ExitCode {
  if (files.evidence !== undefined && report.evidence !== undefined) writeFile(files.evidence, report.evidence)
  const { outcome } = result
  if (outcome?.kind === 'complete') writeFile(files.output, outcome.output)
  report.ended(result, files)
  if (outcome === undefined) throw new UsageError(report.whyNothingHappened(result.ended))
  switch (outcome.kind) {
    case 'complete':
      return result.leaks.leaks.length === 0 ? 0 : 1
    case 'refused':
      return 1
    case 'failed':
      throw new UsageError(outcome.message)
    case 'broken':
      throw new UsageError(`the stream from the gateway is ${outcome.reason}`)
  }
}

function writeFile(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes)
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${reasonOf(error)}`)
  }
}

export const run: Command = {
  name: 'run',
  summary: 'run a workflow, from policy text to output',
  help: HELP,
  run: execute,
}
