import { createHash, randomBytes } from 'node:crypto'
import type { AttestationRequest } from '@mica/plugins'
import type { Ear } from '@mica/verifier'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, writeBytes } from '../files.ts'
import { backendNamed } from '../run/installed.ts'
import { seedOf } from '../run/seed.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { challengeFrom } from '../verify/challenge.ts'
import { openRemoteSession } from '../verify/remote-session.ts'
import { hex } from '../words.ts'
import { expectationsText, readBuild } from '../workflow/build-folder.ts'
import { type BuiltGroup, buildGroup } from '../workflow/build-group.ts'
import { readPolicy } from '../workflow/load-workflow.ts'

const HELP = `usage: mica attest FILE --out EVIDENCE [options]

Makes evidence of a workflow without running it: builds the images, boots the machine, measures and admits the Realms, and
has one of them ask the monitor for a report on the group, or for the token of itself alone. For trying out verifiers.

  --out EVIDENCE   where the evidence is written
  --challenge HEX  the 64 bytes it answers; fresh ones, printed, if not given
  --server URL     ask a service for the challenge (mica serve, or another that speaks Veraison's API), and have it judge
  --peer NAME      the Realm that asks; the first one if not given
  --token          the token of that Realm alone, as any Arm CCA verifier reads it, in place of a group report
  --disclosable    a report of which \`mica disclose\` can show some members to a third party without the others
  --build DIR      use the images and blobs of \`mica compile --out DIR\` as they are, instead of building
  --seed N         repeat it: everything random on the machine follows from N, a number or a word
  --backend NAME   the machine to attest on (simulator)
  --json           {"evidence", "kind", "peer", "challenge", "bytes", "result"?} on standard output

example: mica attest pipeline.mica --out report.cbor
Exit codes: 0 done; 1 the policy has errors, the monitor refused, or the service warns of what was made; 2 usage or environment.`

const OPTIONS = {
  out: { type: 'string' },
  challenge: { type: 'string' },
  server: { type: 'string' },
  peer: { type: 'string' },
  token: { type: 'boolean' },
  disclosable: { type: 'boolean' },
  build: { type: 'string' },
  seed: { type: 'string' },
  backend: { type: 'string' },
  json: { type: 'boolean' },
} as const

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const file = given.only('policy file')
  const out = given.need('out')
  checkWritable(out, [file])
  if (given.flag('token') && given.flag('disclosable')) {
    throw new UsageError('a token of one Realm has no members to show', '--disclosable is for a group report')
  }
  const [asked, server] = [given.text('challenge'), given.text('server')]
  if (asked !== undefined && server !== undefined) {
    throw new UsageError('with --server the challenge is that of the service', 'leave out --challenge')
  }
  const chosen = asked === undefined ? undefined : challengeFrom(asked)
  const backend = backendNamed(given.text('backend') ?? 'simulator')
  if (backend.attest === undefined) {
    throw new UsageError(`${backend.name} makes no evidence by itself`, 'mica run --evidence keeps that of a run')
  }
  const seed = given.text('seed')

  const json = given.flag('json')
  const policy = readPolicy(file, terminal, { otherwise: 'nothing attested', json })
  if (policy === undefined) return 1
  const folder = given.text('build')
  const group = folder === undefined ? await buildGroup(policy) : readBuild(folder, policy)
  const session = server === undefined ? undefined : await openRemoteSession(server)
  const request: AttestationRequest = {
    kind: given.flag('token') ? 'token' : 'group',
    disclosable: given.flag('disclosable'),
    peer: peerOf(group, given.text('peer')),
    challenge: session?.challenge ?? chosen ?? new Uint8Array(randomBytes(64)),
  }
  const realms = group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob }))
  const boot = { seed: seed === undefined ? new Uint8Array(randomBytes(32)) : seedOf(seed) }
  const attestation = await backend.attest({ realms, memories: group.workflow.memories }, request, boot)
  if (attestation.kind === 'refused') {
    terminal.error(`no evidence: ${attestation.reason}`, `mica check ${file} says whether the policy is sound`)
    return 1
  }
  writeBytes(out, attestation.evidence)
  const type = request.kind === 'token' ? TOKEN_TYPE : groupType(group)
  const result = await session?.submit(type, attestation.evidence)
  report(terminal, json, request, out, attestation.evidence.length, result)
  return result === undefined || statusesOf(result).every(([, status]) => !isBad(status)) ? 0 : 1
}

/** What every service that speaks Veraison's API calls the token of a Realm. */
const TOKEN_TYPE = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'

/** A group report, to be judged by what this build expects of it. */
function groupType(group: BuiltGroup): string {
  const digest = createHash('sha256').update(expectationsText(group.workflow)).digest('hex')
  return `application/vnd.mica.group-evidence+cbor; expectations="sha256:${digest}"`
}

/** The peer of that name, or the first. Throws {@link UsageError} when there is none. */
function peerOf(group: BuiltGroup, name: string | undefined): string {
  const names = group.peers.map((peer) => peer.name)
  const peer = name ?? names[0]
  if (peer !== undefined && names.includes(peer)) return peer
  throw new UsageError(`there is no peer \`${name ?? ''}\``, `the peers are ${names.join(', ')}`)
}

const isBad = (status: string): boolean => status === 'warning' || status === 'contraindicated'

/** What a result says of each part of the attester; another result within it by its own parts. */
function statusesOf(result: Ear): readonly (readonly [name: string, status: string])[] {
  return result.parts.flatMap((part) => {
    if (part.kind === 'nested') return statusesOf(part.ear)
    return [[part.name, part.kind === 'appraisal' ? part.status : 'none'] as const]
  })
}

function report(
  terminal: Terminal,
  json: boolean,
  request: AttestationRequest,
  out: string,
  bytes: number,
  result: Ear | undefined,
): void {
  const { kind, peer } = request
  const challenge = hex(request.challenge)
  const statuses = result === undefined ? [] : statusesOf(result)
  if (json) {
    const judged = result === undefined ? {} : { result: Object.fromEntries(statuses) }
    terminal.out(JSON.stringify({ evidence: out, kind, peer, challenge, bytes, ...judged }))
    return
  }
  terminal.out(`${kind === 'group' ? 'report on the group of' : 'token of'} ${peer}: ${out}, ${bytes} bytes`)
  terminal.out(`challenge ${challenge}`)
  for (const [name, status] of statuses) terminal.out(`${status.padEnd(15)} ${name}`)
}

/** `mica attest`: evidence of a workflow, for looking at and for trying out verifiers. */
export const attestCommand: Command = { help: HELP, run }
