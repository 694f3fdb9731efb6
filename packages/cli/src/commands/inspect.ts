import { basename } from 'node:path'
import { describePolicy, importPolicy, languageName, printDigest, printIds, printPolicy, printRights } from '@mica/dsl'
import { blobDigest, describeFact, encodeBlob, type Policy, polyV1Measurement, translatePolyV1 } from '@mica/policy'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { readBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { hex } from '../words.ts'

const HELP = `usage: mica inspect BLOB [--mica | --json]

Takes a policy blob apart, of either version: peers, memories with rights and addresses, transitions by their names, and the
digests by which reports name it: of POLY v1 those of the prototype, and those that it has as a mica-v2 policy.

  --mica   as the source of a policy file, which compiles back to the same bytes
  --json   {"format", "bytes", "digests", "policy": {…}} on standard output

example: mica inspect build/gate.policy
Exit codes: 0 read, 1 the blob is refused, 2 usage, or the file cannot be read.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { mica: { type: 'boolean' }, json: { type: 'boolean' } })
  const file = given.only('policy blob')
  const [asMica, asJson] = [given.flag('mica'), given.flag('json')]
  if (asMica && asJson) throw new UsageError('--mica and --json ask for two things')
  const bytes = readBytes(file, 'policy blob')
  const { policy, form, diagnostics } = importPolicy(file, bytes, { names: asMica })
  if (policy === undefined || form === undefined) {
    for (const { message } of diagnostics) terminal.error(`${file}: ${message}`)
    if (asJson) terminal.out(JSON.stringify({ refused: diagnostics.map(({ message }) => message) }))
    return 1
  }
  if (form === 'json') {
    throw new UsageError(`${file} is no blob but reference JSON`, `mica import ${file} -o ${basename(file)}.mica`)
  }
  const digests = digestsOf(form, bytes)
  if (asJson)
    terminal.out(JSON.stringify({ format: FORMATS[form], bytes: bytes.length, digests, policy: policyJson(policy) }))
  else if (asMica) terminal.out(printPolicy(policy, languageName(basename(file).replace(/\.[^.]*$/, ''))).trimEnd())
  else {
    terminal.out(`${FORMATS[form]}, ${bytes.length} bytes`)
    for (const [name, digest] of Object.entries(digests)) terminal.out(`  ${name}  ${digest}`)
    const translated = form === 'poly-v1' ? translatePolyV1(bytes) : undefined
    if (translated?.kind === 'refused') terminal.out(`  a monitor here refuses it: ${describeFact(translated.fact)}`)
    terminal.out()
    terminal.out(describePolicy(policy))
  }
  return 0
}

const FORMATS = { blob: 'mica-v2', 'poly-v1': 'poly-v1' } as const

/** What a report says of a blob; of the prototype's, what stands in REM[0] there, and here if a monitor takes it. */
function digestsOf(form: 'blob' | 'poly-v1', bytes: Uint8Array): Readonly<Record<string, string>> {
  const both = (digest: typeof blobDigest, of: Uint8Array, prefix = ''): Readonly<Record<string, string>> => ({
    [`${prefix}sha-256`]: hex(digest(of, 'sha-256')),
    [`${prefix}sha-512`]: hex(digest(of, 'sha-512')),
  })
  if (form === 'blob') return both(blobDigest, bytes)
  const translated = translatePolyV1(bytes)
  const own = translated.kind === 'policy' ? both(blobDigest, encodeBlob(translated.policy), 'mica-v2 ') : {}
  return { ...both(polyV1Measurement, bytes), ...own }
}

function policyJson({ self, version, peers, memories, transitions, assertionDigest }: Policy): object {
  const name = (peer: number | null): string => (peer === null ? 'any' : peers[peer]!.name)
  return {
    self: name(self),
    ...(version === undefined ? {} : { version }),
    ...(assertionDigest === undefined ? {} : { assertions: printDigest(assertionDigest) }),
    peers: peers.map((peer) => ({
      name: peer.name,
      gateway: peer.gateway,
      strict: peer.strict,
      rims: peer.rims.map(printDigest),
      ...(peer.rpv === undefined ? {} : { rpv: hex(peer.rpv) }),
      ...(peer.label === undefined ? {} : { label: peer.label }),
    })),
    memories: memories.map(({ granules, mappings, ...memory }) => ({
      name: memory.name,
      kind: memory.kind,
      bytes: granules * 4096,
      paced: memory.paced,
      mappings: mappings.map(({ peer, rights, ipaGranule, anyCount }) => ({
        peer: name(peer),
        rights: printRights(rights).split(' '),
        address: ipaGranule === null ? null : ipaGranule * 4096,
        ...(peer === null ? { count: anyCount ?? null } : {}),
      })),
    })),
    transitions: transitions.map(({ peer, class: of, action, ranges }) => ({
      peer: name(peer),
      class: of,
      action,
      names: printIds(of, ranges),
      ranges,
    })),
  }
}

/** `mica inspect`: what a policy blob says. */
export const inspectCommand: Command = { help: HELP, run }
