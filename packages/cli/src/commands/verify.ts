import type { EvidenceVerifier } from '@mica/plugins'
import {
  COMPAT_SWITCHES,
  type CompatSwitch,
  type DisclosureExpectations,
  PAIRINGS,
  readEvidence,
  type SetOptions,
  type VerificationOptions,
} from '@mica/verifier'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes } from '../files.ts'
import { oneOf } from '../one-of.ts'
import { verifierNamed } from '../run/installed.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { challengeFrom } from '../verify/challenge.ts'
import { type FileVerdict, isAccepted, type Judgement, judgementJson, renderJudgement } from '../verify/judgement.ts'
import { judgeReceipts, type ReportFile } from '../verify/receipts.ts'
import { trustFrom } from '../verify/trust.ts'
import { readLockFile } from '../workflow/build-folder.ts'
import { buildGroup } from '../workflow/build-group.ts'
import { expectationsOf, rimsOf } from '../workflow/expectations.ts'
import { type CheckedWorkflow, readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica verify EVIDENCE… (--trust NAME | --trust-anchor F) [options]

Judges evidence of Arm CCA, as it is, in a CMW record, or as Trustee's attester wraps it. With --workflow, group reports: signatures, binding, freshness, members, policies, and whether
the assertions of the workflow hold on what the attested policies allow. Without it, tokens of single Realms; several of
them are judged as a set, in which no Realm may appear twice. With --receipt, receipts of revocations: who ended everybody's
access to a memory, and, beside a report of the group, whose access that was. With --disclosure, what \`mica disclose\` made:
that the members which it shows were in one group, each under the policy of that digest, and nothing of the group.

  --trust NAME          believe a root of trust by name; \`simulated\` is the simulator's, and never believed unless named
  --trust-anchor F      believe the platforms whose keys are in a file: JSON or CoRIM; may be repeated
  --endorsements F      reference values of a file: JSON, CoRIM or a lock; may be repeated
  --signer F            who may sign them: a public key (PEM, JWK), or certificates of authorities (PEM, DER); may be repeated.
                        With it every file of --endorsements has to be signed, and files of --trust-anchor may be
  --challenge HEX       the 64 bytes that the evidence was asked for with; without it no evidence is fresh, nor accepted
  --workflow FILE       the policy whose assertions must hold
  --lock F              the images that may take part: mica.lock.json; with --workflow and without it they are built here
  --profile-pairing P   which profiles of platform and Realm go together: strict, known (the default: also the mixtures
                        that real firmware emits), off
  --compat SWITCH       put up with a habit of other implementations: digest-length, signer-id, non-platform-debug
  --derived-challenges  of a set of tokens, each answers SHA-512(challenge || its position), not the challenge itself
  --same-platform       of a set of tokens, all must be from one platform
  --receipt             the evidence is the receipt of a revocation
  --report F            a report that the group made before the revocation; judged first, by --workflow and
  --report-challenge HEX  the 64 bytes that it was asked for with
  --disclosure          the evidence shows some members of a group; with --lock each of them is one of its images
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
  signer: { type: 'string', multiple: true },
  lock: { type: 'string' },
  'profile-pairing': { type: 'string' },
  compat: { type: 'string', multiple: true },
  'derived-challenges': { type: 'boolean' },
  'same-platform': { type: 'boolean' },
  receipt: { type: 'boolean' },
  report: { type: 'string' },
  'report-challenge': { type: 'string' },
  disclosure: { type: 'boolean' },
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
  const evidence = given.some('evidence file').map((file) => {
    return { file, bytes: readEvidence(readBytes(file, 'evidence')).bytes }
  })
  const verifier = verifierNamed(given.text('verifier') ?? 'local')
  const options = optionsFrom(given)
  const json = given.flag('json')
  const workflow = given.text('workflow')
  const lock = given.text('lock')
  if (given.flag('disclosure') && (given.flag('receipt') || workflow !== undefined)) {
    throw new UsageError(
      'what shows some members is judged by itself',
      '--disclosure goes without --workflow and --receipt',
    )
  }
  let judgement: Judgement
  if (given.flag('receipt')) {
    const policy =
      workflow === undefined ? undefined : readPolicy(workflow, terminal, { otherwise: 'nothing judged', json })
    if (workflow !== undefined && policy === undefined) return 1
    const report = await reportFrom(given, policy, lock)
    const files = await judgeReceipts(verifier, evidence, report, options)
    judgement = { files, together: [], challenge: options.challenge }
  } else if (given.flag('disclosure')) {
    const files = await judgeDisclosures(verifier, evidence, { ...options, expectations: rimsIn(lock) })
    judgement = { files, together: [], challenge: options.challenge }
    hintAt(evidence, terminal, 'group')
  } else if (workflow === undefined) {
    judgement = await judgeTokens(verifier, evidence, { ...options, ...setOptionsFrom(given, lock) })
    hintAt(evidence, terminal, 'group', 'receipt', 'disclosure')
  } else {
    const policy = readPolicy(workflow, terminal, { otherwise: 'nothing judged', json })
    if (policy === undefined) return 1
    judgement = await judgeGroups(verifier, evidence, policy, lock, options)
    hintAt(evidence, terminal, 'receipt', 'disclosure')
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

function setOptionsFrom(
  given: Arguments,
  lock: string | undefined,
): Pick<SetOptions, 'expectations' | 'challenges' | 'samePlatform'> {
  return {
    expectations: rimsIn(lock),
    challenges: given.flag('derived-challenges') ? 'derived' : 'same',
    samePlatform: given.flag('same-platform'),
  }
}

/** The images of a lock, any of which a Realm may be; without a lock, nothing is expected of images. */
function rimsIn(lock: string | undefined): { readonly rims: readonly Uint8Array[] | undefined } {
  return { rims: lock === undefined ? undefined : [...readLockFile(lock).values()].flat() }
}

async function judgeTokens(
  verifier: EvidenceVerifier,
  evidence: readonly EvidenceFile[],
  options: SetOptions,
): Promise<Judgement> {
  const tokens = evidence.map(({ bytes }) => bytes)
  const { members, findings, submodule } = await verifier.verifyTokens(tokens, options)
  return {
    files: members.map((verdict, index) => ({ file: evidence[index]!.file, verdict })),
    together: findings,
    set: submodule,
    challenge: options.challenge,
  }
}

async function judgeDisclosures(
  verifier: EvidenceVerifier,
  evidence: readonly EvidenceFile[],
  options: VerificationOptions<DisclosureExpectations>,
): Promise<readonly FileVerdict[]> {
  const files = evidence.map(async ({ file, bytes }) => ({
    file,
    verdict: await verifier.verifyDisclosure(bytes, options),
  }))
  return Promise.all(files)
}

/** What evidence may be beside the token of a Realm: the option that says it is expected is never implied. */
const OTHERS = {
  group: ['is a group report', '--workflow FILE says what to expect of it'],
  receipt: ['is the receipt of a revocation', '--receipt says that it is what you expect'],
  disclosure: ['shows some members of a group', '--disclosure says that it is what you expect'],
} as const

/** Whoever forgot an option is told what a rejected file is, if it is one of these kinds. */
function hintAt(
  evidence: readonly EvidenceFile[],
  terminal: Terminal,
  ...kinds: readonly (keyof typeof OTHERS)[]
): void {
  for (const { file, bytes } of evidence) {
    const { kind } = readEvidence(bytes)
    if (kind === 'token' || !kinds.includes(kind)) continue
    const [is, help] = OTHERS[kind]
    terminal.error(`${file} ${is}`, help)
    return
  }
}

/** The report beside a receipt, if there is one. Throws {@link UsageError} if nothing says how to judge it. */
async function reportFrom(
  given: Arguments,
  policy: CheckedWorkflow | undefined,
  lock: string | undefined,
): Promise<ReportFile | undefined> {
  const file = given.text('report')
  if (file === undefined) return undefined
  const challenge = given.text('report-challenge')
  if (policy === undefined || challenge === undefined) {
    throw new UsageError('a report is judged by what is expected of it', 'give --workflow and --report-challenge too')
  }
  const expectations = expectationsOf(policy.workflow, await imagesOf(policy, lock))
  return {
    file,
    bytes: readBytes(file, 'report'),
    challenge: challengeFrom(challenge, '--report-challenge'),
    expectations,
  }
}

/** The images that may take part: those of a lock, or those that the policy names, built here. */
const imagesOf = async (policy: CheckedWorkflow, lock: string | undefined) =>
  lock === undefined ? rimsOf(await buildGroup(policy)) : readLockFile(lock)

async function judgeGroups(
  verifier: EvidenceVerifier,
  evidence: readonly EvidenceFile[],
  policy: CheckedWorkflow,
  lock: string | undefined,
  options: CommonOptions,
): Promise<Judgement> {
  const expectations = expectationsOf(policy.workflow, await imagesOf(policy, lock))
  const files = evidence.map(async ({ file, bytes }) => ({
    file,
    verdict: await verifier.verify(bytes, { ...options, expectations }),
  }))
  return { files: await Promise.all(files), together: [], challenge: options.challenge }
}

/** `mica verify`: a verdict on evidence. */
export const verifyCommand: Command = { help: HELP, run }
