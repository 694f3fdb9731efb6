import type { MachineEvent } from '@mica/plugins'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, readBytes, writeBytes } from '../files.ts'
import { backendNamed, trustNamed, verifierNamed } from '../run/installed.ts'
import { type Refusal, refusalsOf } from '../run/refusals.ts'
import { runJson } from '../run/run-json.ts'
import { type RunFiles, RunReport } from '../run/run-report.ts'
import { type RunObserver, type RunOptions, type RunResult, runWorkflow } from '../run/run-workflow.ts'
import { seedOf } from '../run/seed.ts'
import { TraceFile } from '../run/trace-file.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { readBuild } from '../workflow/build-folder.ts'
import { type BuiltGroup, buildGroup } from '../workflow/build-group.ts'
import { expectationsOf, rimsOf } from '../workflow/expectations.ts'
import { type CheckedWorkflow, readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica run FILE --input F --output G [options]

Runs a workflow: builds the images, boots the machine, launches the group, has its report verified, and only then lets the
input in, encrypted, through the gateway. The output comes back encrypted and is written to G.

  --input F        what goes in
  --output G       where the output is written; nothing is written unless it is complete
  --build DIR      use the images and blobs of \`mica compile --out DIR\` as they are, instead of building
  --seed N         repeat a run: everything random on the machine follows from N, a number or a word, keys included
  --trace T        write every event of the machine to T, a JSON object per line
  --evidence E     write the group report to E, for \`mica verify\`
  --backend NAME   the machine to run on (simulator)
  --verifier NAME  who judges the report (local)
  --trust NAME     whom to believe; by default the root of trust that the backend says it has
  --json           one JSON object on standard output instead of a report: members, verdict, refusals, output, evidence,
                   admissions, channels, exits, stopped, leaks

example: mica run pipeline.mica --input clip.avi --output moderated.avi --trace run.jsonl
Exit codes: 0 done; 1 the policy has errors, the group was refused, or the host saw data; 2 usage, environment or
unusable input.`

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

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const file = given.only('policy file')
  const input = readBytes(given.need('input'), 'input')
  const files: RunFiles = { output: given.need('output'), evidence: given.text('evidence') }
  checkFiles([file, given.need('input')], [files.output, files.evidence, given.text('trace')])
  const machine = machineFrom(given)

  const policy = readPolicy(file, terminal, { otherwise: 'nothing run', json: given.flag('json') })
  if (policy === undefined) return 1
  const group = await groupOf(policy, given.text('build'), terminal)
  const report = given.flag('json') ? undefined : new RunReport(terminal, file, group)
  report?.built()
  const result = await traced({ ...machine, group, input }, given.text('trace'), report?.observer() ?? {})

  const { outcome, judgement } = result
  if (files.evidence !== undefined && judgement !== undefined) writeBytes(files.evidence, judgement.offer.evidence)
  if (outcome?.kind === 'complete') writeBytes(files.output, outcome.output)
  const refusals = refusalsOf(group, result)
  if (report === undefined) terminal.out(JSON.stringify(runJson(group, result, refusals, files)))
  else report.ended(result, refusals, files)
  return answer(result, refusals, terminal)
}

/** Says before the long job what could not be written after it. Throws {@link UsageError}. */
function checkFiles(read: readonly string[], written: readonly (string | undefined)[]): void {
  const names = written.filter((name) => name !== undefined)
  for (const [index, name] of names.entries()) {
    checkWritable(name, read)
    if (names.slice(0, index).includes(name)) throw new UsageError(`two results would be written to ${name}`)
  }
}

async function groupOf(policy: CheckedWorkflow, folder: string | undefined, terminal: Terminal): Promise<BuiltGroup> {
  if (folder !== undefined) return readBuild(folder, policy)
  terminal.progress('  building the images')
  return buildGroup(policy)
}

/** What is chosen by name, and the seed. Throws {@link UsageError} for a name that there is not. */
function machineFrom(given: Arguments): Pick<RunOptions, 'backend' | 'verifier' | 'trust' | 'seed'> {
  const backend = backendNamed(given.text('backend') ?? 'simulator')
  const verifier = verifierNamed(given.text('verifier') ?? 'local')
  const trust = trustNamed(given.text('trust') ?? backend.trust)
  const seed = given.text('seed')
  return { backend, verifier, trust, ...(seed === undefined ? {} : { seed: seedOf(seed) }) }
}

/** Runs a group as its own author expects it, with everything that happens on the machine written to the trace. */
async function traced(
  options: Omit<RunOptions, 'expectations' | 'observer'>,
  file: string | undefined,
  observer: RunObserver,
): Promise<RunResult> {
  const { group } = options
  const expectations = expectationsOf(group.workflow, rimsOf(group))
  if (file === undefined) return runWorkflow({ ...options, expectations, observer })
  const trace = new TraceFile(file)
  const event = (event: MachineEvent): void => {
    trace.write(event)
    observer.event?.(event)
  }
  try {
    return await runWorkflow({ ...options, expectations, observer: { ...observer, event } })
  } finally {
    trace.close()
  }
}

/** The exit code of a run, with a line about anything but success. */
function answer({ outcome, ended, leaks }: RunResult, refusals: readonly Refusal[], terminal: Terminal): ExitCode {
  switch (outcome?.kind) {
    case 'complete':
      if (leaks.leaks.length === 0) return 0
      terminal.error(
        `the host saw pieces of ${leaks.leaks[0]!.secret}`,
        'the policy lets them out: mica check says who can leak',
      )
      return 1
    case 'failed':
      throw new UsageError(outcome.message, 'nothing was written; the gateway says what it takes')
    case 'broken':
      throw new UsageError(`the stream from the gateway is ${outcome.reason}`, NEXT_STEP)
  }
  const [first] = refusals
  if (first === undefined) throw new UsageError(WHY_INCOMPLETE[ended], NEXT_STEP)
  terminal.error(
    `refused, and nothing was written: ${first.peer ?? 'the group'}: ${first.detail} (${first.rule})`,
    refusals.some(({ by }) => by === 'measurement') ? 'mica compile builds it anew' : NEXT_STEP,
  )
  return 1
}

const NEXT_STEP = '--trace FILE shows what each Realm did'

/** What to say of a run that ended before the output was complete, when nothing was refused. */
const WHY_INCOMPLETE: Readonly<Record<RunResult['ended'], string>> = {
  stalled: 'nothing moves any more and the output is not complete: the Realms wait for each other',
  'realms-off': 'every Realm switched itself off before the output was complete',
  'device-done': 'the client ended before the output was complete',
}

/** `mica run`: a workflow, from policy text to output. */
export const runCommand: Command = { help: HELP, run }
