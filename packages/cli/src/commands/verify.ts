import type { TrustRoot } from '@mica/plugins'
import { type FileReading, readReferenceValues, readTrustAnchors, renderVerdict, verdictJson } from '@mica/verifier'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes, readText } from '../files.ts'
import { trustNamed, verifierNamed } from '../run/installed.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { readLockFile } from '../workflow/build-folder.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { expectationsOf, rimsOf } from '../workflow/expectations.ts'
import { readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica verify EVIDENCE --workflow FILE --challenge HEX (--trust NAME | --trust-anchor F --endorsements F) [options]

Judges a group report: signatures, binding, freshness, members, policies, and whether the assertions of the workflow hold on
what the attested policies allow.

  --workflow FILE     the policy whose assertions must hold
  --challenge HEX     the 64 bytes that the report was asked for with
  --trust NAME        believe a root of trust by name; \`simulated\` is the simulator's, and never believed unless named
  --trust-anchor F    believe the platforms of a JSON trust-anchor file
  --endorsements F    reference values for them, a JSON file
  --lock F            the images that may take part: mica.lock.json; without it they are built and measured here
  --verifier NAME     who judges the report (local)
  --all               every finding, not only the first
  --json              {"verdict", "findings": [{code, name, detail, member?, claim?}], …} on standard output

example: mica verify report.cbor --workflow pipeline.mica --lock build/mica.lock.json --challenge 04ab… --trust simulated
Exit codes: 0 accepted, 1 rejected, or the policy has errors, 2 usage or environment.`

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
  const given = parseArguments(args, OPTIONS)
  const evidence = readBytes(given.only('evidence file'), 'evidence')
  const verifier = verifierNamed(given.text('verifier') ?? 'local')
  const trust = trustFrom(given)
  const challenge = challengeFrom(given.need('challenge'))
  const json = given.flag('json')
  const policy = readPolicy(given.need('workflow'), terminal, { otherwise: 'nothing judged', json })
  if (policy === undefined) return 1
  const lock = given.text('lock')
  const rims = lock === undefined ? rimsOf(await buildGroup(policy)) : readLockFile(lock)
  const verdict = await verifier.verify(evidence, {
    trustAnchors: trust.anchors,
    endorsements: trust.endorsements,
    challenge,
    expectations: expectationsOf(policy.workflow, rims),
    diagnostics: given.flag('all') ? 'all' : 'first',
  })
  terminal.out(json ? JSON.stringify(verdictJson(verdict)) : renderVerdict(verdict).trimEnd())
  return verdict.kind === 'accepted' ? 0 : 1
}

/** Everything that the caller said to believe, together. Throws {@link UsageError} when that is nobody. */
function trustFrom(given: Arguments): Pick<TrustRoot, 'anchors' | 'endorsements'> {
  const named = given.texts('trust').map(trustNamed)
  const read = <T>(option: string, reader: (text: string) => FileReading<T>): readonly T[] =>
    given.texts(option).map((file) => {
      const reading = reader(readText(file, `--${option} file`))
      if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
      return reading.value
    })
  const anchors = [...named.map((root) => root.anchors), ...read('trust-anchor', readTrustAnchors)].flat()
  const endorsements = [...named.map((root) => root.endorsements), ...read('endorsements', readReferenceValues)]
  if (anchors.length === 0) {
    throw new UsageError(
      'nobody is to be believed: no --trust and no --trust-anchor',
      '--trust simulated believes the simulator',
    )
  }
  return {
    anchors,
    endorsements: {
      platforms: endorsements.flatMap(({ platforms }) => platforms),
      realms: endorsements.flatMap(({ realms }) => realms),
    },
  }
}

function challengeFrom(text: string): Uint8Array {
  if (!/^([0-9a-fA-F]{2}){64}$/.test(text)) {
    throw new UsageError(
      '--challenge is 128 hexadecimal digits',
      'mica run --evidence prints the challenge of a report',
    )
  }
  return new Uint8Array(Buffer.from(text, 'hex'))
}

/** `mica verify`: a verdict on a group report. */
export const verifyCommand: Command = { help: HELP, run }
