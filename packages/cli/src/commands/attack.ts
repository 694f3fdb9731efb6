import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AttackResult } from '@mica/plugins'
import { parseArguments } from '../arguments.ts'
import { isBad, renderAttack } from '../attack/attack-report.ts'
import { attackReports, type Courtroom } from '../attack/report-attacks.ts'
import type { Command, ExitCode } from '../command.ts'
import { backendNamed, trustNamed, verifierNamed } from '../run/installed.ts'
import { derive, seedOf } from '../run/seed.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { plural } from '../words.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica attack [FILE] [options]

Attacks a workflow with everything that makes sense for any: a hostile host, hostile members, strangers, and reports that are not
what they seem. Builds the images and the policies, has the host build the group on a machine for each attack, and says what
stopped it: a rule of the upload, a fault, a status of the monitor, a transition, a verdict. Without FILE it is the video
moderation workflow of this repository.

The images are loaded and measured, but do not run: in their place each Realm does what an attack tells it to, which is more than
any image could.

  --seed N         repeat a run: everything random on the machine follows from N (attack)
  --backend NAME   the machine to run on (simulator)
  --verifier NAME  who judges the reports (local)
  --json           {"attacks": [{name, adversary, tried, tries, outcome, by}], "succeeded"} on standard output; outcomes are
                   stopped, succeeded, not-applicable, and for controls works or broken

example: mica attack pipeline.mica
Exit codes: 0 every attack was stopped; 1 one succeeded, or the policy has errors; 2 usage, environment, or a workflow that does
not come up at all.`

const OPTIONS = {
  seed: { type: 'string' },
  backend: { type: 'string' },
  verifier: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** The workflow that is attacked when none is named. */
const DEFAULT_WORKFLOW = new URL('../../../../apps/demos/video-moderation/pipeline.mica', import.meta.url)

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const backend = backendNamed(given.text('backend') ?? 'simulator')
  const verifier = verifierNamed(given.text('verifier') ?? 'local')
  const seed = seedOf(given.text('seed') ?? 'attack')
  const json = given.flag('json')
  const [file = defaultFile()] = given.several('policy file', 0, 1)
  if (backend.attack === undefined) throw new UsageError(`the backend ${backend.name} is no laboratory to attack in`)
  const policy = readPolicy(file, terminal, { otherwise: 'nothing attacked', json })
  if (policy === undefined) return 1

  terminal.progress('  building the images')
  const group = await buildGroup(policy)
  const launch = {
    realms: group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob })),
    memories: group.workflow.memories,
  }
  const court: Courtroom = { policy, group, backend, verifier, trust: trustNamed(backend.trust), seed }
  const results: AttackResult[] = []
  for (const attacks of [backend.attack(launch, { seed: derive(seed, 'machine') }), attackReports(court)]) {
    for await (const result of attacks) {
      if (result.outcome === 'broken') throw new UsageError(`${file} does not come up to be attacked: ${result.by[0]}`)
      results.push(result)
      if (!json) terminal.out(renderAttack(result, terminal.style))
      terminal.progress(`  ${plural(results.length, 'attack')} done`)
    }
  }
  return answer(results, json, terminal)
}

function defaultFile(): string {
  const file = fileURLToPath(DEFAULT_WORKFLOW)
  if (existsSync(file)) return relative(process.cwd(), file)
  throw new UsageError('no policy file given', 'mica attack pipeline.mica')
}

function answer(results: readonly AttackResult[], json: boolean, terminal: Terminal): ExitCode {
  const succeeded = results.filter(({ outcome }) => isBad(outcome))
  if (json) terminal.out(JSON.stringify({ attacks: results, succeeded: succeeded.length }))
  else {
    const tried = results.filter(({ outcome }) => outcome === 'stopped' || outcome === 'succeeded')
    const { red, green } = terminal.style
    const summary = `${tried.length - succeeded.length} of ${plural(tried.length, 'attack')} stopped`
    terminal.out()
    terminal.out(succeeded.length === 0 ? green(summary) : red(summary))
  }
  return succeeded.length === 0 ? 0 : 1
}

/** `mica attack`: what a hostile host and hostile Realms can do to a workflow. */
export const attackCommand: Command = { help: HELP, run }
