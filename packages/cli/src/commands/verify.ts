import type { TrustRoot } from '@mica/plugins'
import type { Workflow } from '@mica/policy'
import { readReferenceValues, readTrustAnchors, renderVerdict, verdictJson } from '@mica/verifier'
import { type Arguments, type Command, onlyPositional, parseArguments, requiredText } from '../command.ts'
import { trustNamed, verifierNamed } from '../run/installed.ts'
import { type ExitCode, type Terminal, UsageError } from '../terminal.ts'
import { readLockFile } from '../workflow/artefacts.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { expectationsOf } from '../workflow/expectations.ts'
import { type LoadedWorkflow, loadWorkflow, printDiagnostics, readBytes, readText } from '../workflow/load-workflow.ts'

const HELP = `usage: mica verify EVIDENCE --workflow FILE --challenge HEX (--trust NAME | --trust-anchor F --endorsements F) [options]

Judges a group report: signatures, binding, freshness, members, policies, and whether the assertions of the workflow hold on
what the attested policies allow.

  --workflow FILE     the policy whose assertions must hold
  --challenge HEX     the 64 bytes that the report was asked for with
  --trust NAME        believe a root of trust by name; \`simulated\` is the simulator's, and never believed unless named
  --trust-anchor F    believe the platforms of a JSON trust-anchor file
  --endorsements F    reference values for them, a JSON file
  --lock F            the images that may take part: mica.lock.json; without it they are built and measured here
  --all               every finding, not only the first
  --json              {"verdict", "findings": [{code, name, detail, member?, claim?}], …} on standard output

example: mica verify report.cbor --workflow pipeline.mica --lock build/mica.lock.json --challenge 04ab… --trust simulated
Exit codes: 0 accepted, 1 rejected, 2 usage or environment.`

const OPTIONS = {
  workflow: { type: 'string' },
  challenge: { type: 'string' },
  trust: { type: 'string', multiple: true },
  'trust-anchor': { type: 'string', multiple: true },
  endorsements: { type: 'string', multiple: true },
  lock: { type: 'string' },
  verifier: { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const parsed = parseArguments(args, OPTIONS)
  const evidence = readBytes(onlyPositional(parsed, 'evidence file'), 'evidence')
  const verifier = verifierNamed(parsed.text('verifier') ?? 'local')
  const trust = trustFrom(parsed)
  const challenge = challengeFrom(parsed)
  const loaded = loadWorkflow(requiredText(parsed, 'workflow'))
  if (loaded.workflow === undefined) {
    printDiagnostics(loaded, terminal)
    return 1
  }
  const rims = await expectedRims({ ...loaded, workflow: loaded.workflow }, parsed.text('lock'))
  const verdict = await verifier.verify(evidence, {
    trustAnchors: trust.anchors,
    endorsements: trust.endorsements,
    challenge,
    expectations: expectationsOf(loaded.workflow, rims),
    diagnostics: parsed.flag('all') ? 'all' : 'first',
  })
  terminal.out(parsed.flag('json') ? JSON.stringify(verdictJson(verdict)) : renderVerdict(verdict).trimEnd())
  return verdict.kind === 'accepted' ? 0 : 1
}

/** Everything that the caller said to believe, together. */
function trustFrom(parsed: Arguments): Pick<TrustRoot, 'anchors' | 'endorsements'> {
  const named = parsed.texts('trust').map(trustNamed)
  const anchors = parsed.texts('trust-anchor').flatMap((file) => {
    const reading = readTrustAnchors(readText(file, 'trust anchors'))
    if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
    return reading.value
  })
  const endorsements = parsed.texts('endorsements').map((file) => {
    const reading = readReferenceValues(readText(file, 'endorsements'))
    if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
    return reading.value
  })
  if (named.length === 0 && anchors.length === 0) {
    throw new UsageError(
      'nobody is to be believed: no --trust and no --trust-anchor',
      '--trust simulated believes the simulator',
    )
  }
  const all = [...named.map((root) => root.endorsements), ...endorsements]
  return {
    anchors: [...named.flatMap((root) => root.anchors), ...anchors],
    endorsements: { platforms: all.flatMap(({ platforms }) => platforms), realms: all.flatMap(({ realms }) => realms) },
  }
}

function challengeFrom(parsed: Arguments): Uint8Array {
  const text = requiredText(parsed, 'challenge')
  if (!/^([0-9a-fA-F]{2}){64}$/.test(text)) throw new UsageError('--challenge is 128 hexadecimal digits')
  return new Uint8Array(Buffer.from(text, 'hex'))
}

async function expectedRims(
  loaded: LoadedWorkflow & { readonly workflow: Workflow },
  lock: string | undefined,
): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  if (lock === undefined) {
    const group = await buildGroup(loaded)
    return new Map(group.peers.map(({ name, rim }) => [name, [rim]]))
  }
  return readLockFile(lock)
}

export const verifyCommand: Command = { name: 'verify', summary: 'judge a group report', help: HELP, run }
