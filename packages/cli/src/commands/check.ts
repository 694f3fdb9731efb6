import { type CheckedSet, checkSet, type Diagnostic, describeWorkflow, type PolicyView } from '@mica/dsl'
import { projectOf } from '@mica/dsl/project'
import type { Workflow } from '@mica/policy'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { plural } from '../words.ts'
import { readLockFile } from '../workflow/build-folder.ts'
import { compileFile } from '../workflow/compile-file.ts'
import { countDiagnostics, diagnosticJson, loadWorkflow, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica check FILE… [--strict] [--lock LOCK] [--json]

Checks policies: every error with its place, and whether their assertions hold. Several files are checked against each other, as
the monitor will when their Realms meet. Writes nothing.

  --strict     warnings count as errors
  --lock LOCK  also builds the images of the one file, and warns of those that are not the ones in this mica.lock.json;
               with several files: the measurements by which their images are known
  --json       {"file" or "files", "diagnostics": [{code, severity, message, file, line, column, docs, help?, related?, fix?}]}
               on standard output

example: mica check pipeline.mica
Exit codes: 0 no errors, 1 errors, 2 usage, or a file cannot be read.`

/** What there is to say about one file or several. */
interface Found {
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: ReadonlyMap<string, string>
  readonly workflow?: Workflow | undefined
  readonly views: readonly PolicyView[]
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, {
    strict: { type: 'boolean' },
    lock: { type: 'string' },
    json: { type: 'boolean' },
  })
  const files = given.some('policy file')
  const lockFile = given.text('lock')
  const lock = lockFile === undefined ? undefined : readLockFile(lockFile)
  const [file = ''] = files
  const found = files.length === 1 ? await checkFile(file, lock) : checkFiles(files, lock)
  const { diagnostics } = found
  const errors = diagnostics.some(({ severity }) => severity === 'error')
  const failed = errors || (given.flag('strict') && diagnostics.length > 0)
  if (given.flag('json')) {
    const about = files.length === 1 ? { file } : { files }
    terminal.out(JSON.stringify({ ...about, diagnostics: diagnostics.map(diagnosticJson) }))
    return failed ? 1 : 0
  }
  printDiagnostics(found, terminal)
  if (failed) terminal.err(`${files.join(', ')}: ${countDiagnostics(diagnostics)}`)
  else terminal.out(describe(found, files))
  return failed ? 1 : 0
}

async function checkFile(file: string, lock: ReadonlyMap<string, readonly Uint8Array[]> | undefined): Promise<Found> {
  const loaded = loadWorkflow(file)
  const readable = !loaded.diagnostics.some(({ severity }) => severity === 'error')
  return lock !== undefined && readable ? await compileFile(loaded, { lock }) : loaded
}

function checkFiles(
  files: readonly string[],
  lock: ReadonlyMap<string, readonly Uint8Array[]> | undefined,
): CheckedSet {
  const inputs = files.map((file) => ({ file, input: readBytes(file, 'policy file'), ...projectOf(file) }))
  return checkSet(inputs, lock === undefined ? {} : { rimOf: (peer) => lock.get(peer) })
}

function describe({ workflow, views }: Found, files: readonly string[]): string {
  if (workflow !== undefined) return describeWorkflow(workflow)
  if (views.length === 0) return `${files.join(', ')}: nothing is wrong`
  const lines = views.map(({ name, peer, policy: { peers, memories, transitions } }) => {
    const holds = [plural(peers.length, 'peer'), plural(memories.length, 'channel'), plural(transitions.length, 'rule')]
    return `policy ${name} for ${peer}: ${holds.join(', ')}`
  })
  return [...lines, ...(files.length > 1 || views.length > 1 ? ['they go together'] : [])].join('\n')
}

/** `mica check`: the errors and assertions of policies. */
export const checkCommand: Command = { help: HELP, run }
