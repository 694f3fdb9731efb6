import type { EvidenceVerifier } from '@mica/plugins'
import {
  COMPAT_SWITCHES,
  type CompatSwitch,
  GROUP_PROFILE,
  GROUP_SIZE_LIMIT,
  PAIRINGS,
  profileOf,
  type SetOptions,
  type VerificationOptions,
} from '@mica/verifier'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes } from '../files.ts'
import { nearest } from '../nearest.ts'
import { verifierNamed } from '../run/installed.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { challengeFrom } from '../verify/challenge.ts'
import { isAccepted, type Judgement, judgementJson, renderJudgement } from '../verify/judgement.ts'
import { trustFrom } from '../verify/trust.ts'
import { readLockFile } from '../workflow/build-folder.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { expectationsOf, rimsOf } from '../workflow/expectations.ts'
import { type CheckedWorkflow, readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica verify EVIDENCE… (--trust NAME | --trust-anchor F) [options]

Judges evidence of Arm CCA. With --workflow, group reports: signatures, binding, freshness, members, policies, and whether
the assertions of the workflow hold on what the attested policies allow. Without it, tokens of single Realms; several of
them are judged as a set, in which no Realm may appear twice.

  --trust NAME          believe a root of trust by name; \`simulated\` is the simulator's, and never believed unless named
  --trust-anchor F      believe the platforms whose keys are in a file: JSON or CoRIM; may be repeated
  --endorsements F      reference values of a file: JSON, CoRIM or a lock; may be repeated
  --challenge HEX       the 64 bytes that the evidence was asked for with; without it no evidence is fresh, nor accepted
  --workflow FILE       the policy whose assertions must hold
  --lock F              the images that may take part: mica.lock.json; with --workflow and without it they are built here
  --profile-pairing P   which profiles of platform and Realm go together: strict, known (the default: also the mixtures
                        that real firmware emits), off
  --compat SWITCH       put up with a habit of other implementations: digest-length, signer-id, non-platform-debug
  --derived-challenges  of a set of tokens, each answers SHA-512(challenge || its position), not the challenge itself
  --same-platform       of a set of tokens, all must be from one platform
  --verifier NAME       who judges (local)
  --all                 every finding, not only the first
  --json                {"verdict", "findings": [{code, name, detail, member?, claim?}], "ear", …} on standard output

example: mica verify report.cbor --workflow pipeline.mica --lock build/mica.lock.json --challenge 04ab… --trust simulated
Exit codes: 0 accepted, 1 rejected, or the policy has errors, 2 usage or environment.`

const OPTIONS = {
  workflow: { type: 'string' },
  challenge: { type: 'string' },
  trust: { type: 'string', multiple: true },
  'trust-anchor': { type: 'string', multiple: true },
  endorsements: { type: 'string', multiple: true },
  lock: { type: 'string' },
  'profile-pairing': { type: 'string' },
  compat: { type: 'string', multiple: true },
  'derived-challenges': { type: 'boolean' },
  'same-platform': { type: 'boolean' },
  verifier: { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** Evidence, and the name it has for the caller. */
interface EvidenceFile {
  readonly file: string
  readonly bytes: Uint8Array
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const evidence = given.some('evidence file').map((file) => ({ file, bytes: readBytes(file, 'evidence') }))
  const verifier = verifierNamed(given.text('verifier') ?? 'local')
  const options = optionsFrom(given)
  const json = given.flag('json')
  const workflow = given.text('workflow')
  const lock = given.text('lock')
  let judgement: Judgement
  if (workflow === undefined) {
    judgement = await judgeTokens(verifier, evidence, { ...options, ...setOptionsFrom(given, lock) })
    hintAtGroups(evidence, terminal)
  } else {
    const policy = readPolicy(workflow, terminal, { otherwise: 'nothing judged', json })
    if (policy === undefined) return 1
    judgement = await judgeGroups(verifier, evidence, policy, lock, options)
  }
  terminal.out(json ? JSON.stringify(judgementJson(judgement)) : renderJudgement(judgement))
  return isAccepted(judgement) ? 0 : 1
}

type CommonOptions = Omit<VerificationOptions<unknown>, 'expectations'>

/** What is told to any verification. Throws {@link UsageError} for a value that there is not. */
function optionsFrom(given: Arguments): CommonOptions {
  const { anchors, endorsements } = trustFrom(given)
  const challenge = given.text('challenge')
  return {
    trustAnchors: anchors,
    endorsements,
    // No evidence answers an empty challenge: without one, nothing is fresh.
    challenge: challenge === undefined ? new Uint8Array(0) : challengeFrom(challenge),
    pairing: oneOf('profile-pairing', given.text('profile-pairing') ?? 'known', PAIRINGS),
    compat: given.texts('compat').map((name): CompatSwitch => oneOf('compat', name, COMPAT_SWITCHES)),
    diagnostics: given.flag('all') ? 'all' : 'first',
  }
}

function oneOf<Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value)
  if (found !== undefined) return found
  const meant = nearest(value, names)
  const help = meant === undefined ? `there is: ${names.join(', ')}` : `did you mean ${meant}?`
  throw new UsageError(`there is no --${option} \`${value}\``, help)
}

function setOptionsFrom(
  given: Arguments,
  lock: string | undefined,
): Pick<SetOptions, 'expectations' | 'challenges' | 'samePlatform'> {
  const rims = lock === undefined ? undefined : [...readLockFile(lock).values()].flat()
  return {
    expectations: { rims },
    challenges: given.flag('derived-challenges') ? 'derived' : 'same',
    samePlatform: given.flag('same-platform'),
  }
}

async function judgeTokens(
  verifier: EvidenceVerifier,
  evidence: readonly EvidenceFile[],
  options: SetOptions,
): Promise<Judgement> {
  const tokens = evidence.map(({ bytes }) => bytes)
  const { members, findings } = await verifier.verifyTokens(tokens, options)
  return {
    files: members.map((verdict, index) => ({ file: evidence[index]!.file, verdict })),
    together: findings,
    challenge: options.challenge,
  }
}

/** Whoever forgot --workflow is told that a rejected file is a group report. */
function hintAtGroups(evidence: readonly EvidenceFile[], terminal: Terminal): void {
  const group = evidence.find(({ bytes }) => profileOf(bytes, GROUP_SIZE_LIMIT) === GROUP_PROFILE)
  if (group !== undefined)
    terminal.error(`${group.file} is a group report`, '--workflow FILE says what to expect of it')
}

async function judgeGroups(
  verifier: EvidenceVerifier,
  evidence: readonly EvidenceFile[],
  policy: CheckedWorkflow,
  lock: string | undefined,
  options: CommonOptions,
): Promise<Judgement> {
  const rims = lock === undefined ? rimsOf(await buildGroup(policy)) : readLockFile(lock)
  const expectations = expectationsOf(policy.workflow, rims)
  const files = evidence.map(async ({ file, bytes }) => ({
    file,
    verdict: await verifier.verify(bytes, { ...options, expectations }),
  }))
  return { files: await Promise.all(files), together: [], challenge: options.challenge }
}

/** `mica verify`: a verdict on evidence. */
export const verifyCommand: Command = { help: HELP, run }
