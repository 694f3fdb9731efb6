import {
  type CorimSubject,
  type CorimValidity,
  type EndorsementFile,
  encodeCorim,
  joinEndorsements,
  readEndorsements,
  signCorim,
} from '@mica/verifier'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { certificatesFrom, privateKeyFrom } from '../endorse/signature.ts'
import { checkWritable, readBytes, writeBytes } from '../files.ts'
import { oneOf } from '../one-of.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { plural } from '../words.ts'

const HELP = `usage: mica endorse FILE… --out CORIM [options]

Writes a CoRIM, the endorsements that verifiers of Arm CCA are provisioned with: of a lock, which images a Realm may be; of
JSON reference values and trust anchors, and of other CoRIMs, the same again as one. A CoRIM is about Realms or about platforms.

  --out CORIM          where it is written
  --of SUBJECT         what of the files: realm or platform; not needed where they are about one of the two
  --id NAME            name of the manifest (mica)
  --days N             how many days it counts from now; for ever if not given
  --key F              sign it with a private key, PEM or JWK, of P-256, P-384 or P-521
  --signer NAME        who signs, in words; with --key
  --certificates F     certificates of the key, the signer's own first, PEM or DER; with --key
  --json               {"corim", "subject", "realms", "platforms", "anchors", "signed", "bytes"} on standard output

example: mica endorse build/mica.lock.json --out realms.corim --key endorser.pem --signer "Example Ltd"
Exit codes: 0 written, 1 the files endorse nothing of that sort, 2 usage or environment.`

const OPTIONS = {
  out: { type: 'string' },
  of: { type: 'string' },
  id: { type: 'string' },
  days: { type: 'string' },
  key: { type: 'string' },
  signer: { type: 'string' },
  certificates: { type: 'string' },
  json: { type: 'boolean' },
} as const

const SUBJECTS: readonly CorimSubject[] = ['realm', 'platform']
const DAY_MS = 86_400_000

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const files = given.some('file')
  const out = given.need('out')
  checkWritable(out, files)
  const endorsed = joinEndorsements(files.map(endorsementsIn))
  const subject = subjectOf(endorsed, given.text('of'))
  if (subject === undefined) {
    terminal.error(`the files endorse no ${given.text('of') ?? 'Realm and no platform'}`)
    return 1
  }
  const revoked = subject === 'platform' ? endorsed.trustAnchors.find((anchor) => anchor.revoked === true) : undefined
  if (revoked !== undefined)
    throw new UsageError(
      `trust anchor \`${revoked.name}\` is revoked, which a CoRIM cannot say`,
      'leave it out of the file',
    )
  const validity = validityFrom(given.text('days'))
  const manifest = encodeCorim(subject, endorsed, { id: given.text('id') ?? 'mica', validity })
  const sign = signatureFrom(given, validity)
  const corim = sign?.(manifest) ?? manifest
  writeBytes(out, corim)
  const { realms, platforms } = endorsed.endorsements
  const isRealm = subject === 'realm'
  const counts = {
    realms: isRealm ? realms.length : 0,
    platforms: isRealm ? 0 : platforms.length,
    anchors: isRealm ? 0 : endorsed.trustAnchors.length,
  }
  const signed = sign !== undefined
  if (given.flag('json')) {
    terminal.out(JSON.stringify({ corim: out, subject, ...counts, signed, bytes: corim.length }))
    return 0
  }
  const what = isRealm
    ? plural(counts.realms, 'Realm')
    : `${plural(counts.platforms, 'platform')} and ${plural(counts.anchors, 'trust anchor')}`
  terminal.out(`${signed ? 'signed' : 'unsigned'} endorsement of ${what}: ${out}, ${corim.length} bytes`)
  return 0
}

/** What a file endorses; who signed it, if anybody, is not asked: whoever writes it again vouches for it. */
function endorsementsIn(file: string): EndorsementFile {
  const reading = readEndorsements(readBytes(file, 'endorsements'))
  if (reading.kind === 'read') return reading.value
  throw new UsageError(`${file}: ${reading.reason}`)
}

/** Realms or platforms: as it is asked for, or as the files are about one of them; `undefined` where there are none. */
function subjectOf(
  { trustAnchors, endorsements }: EndorsementFile,
  asked: string | undefined,
): CorimSubject | undefined {
  const found = SUBJECTS.filter((subject) =>
    subject === 'realm' ? endorsements.realms.length > 0 : endorsements.platforms.length + trustAnchors.length > 0,
  )
  if (asked === undefined && found.length > 1)
    throw new UsageError('the files are about Realms and platforms', '--of realm or --of platform says which')
  const subject = asked === undefined ? found[0] : oneOf('of', asked, SUBJECTS)
  return subject !== undefined && found.includes(subject) ? subject : undefined
}

function validityFrom(days: string | undefined): CorimValidity | undefined {
  if (days === undefined) return undefined
  const count = Number(days)
  if (!Number.isInteger(count) || count < 1 || count > 36_500)
    throw new UsageError(`--days is a number of 1 to 36500, found \`${days}\``)
  const now = Date.now()
  return { notBefore: new Date(now), notAfter: new Date(now + count * DAY_MS) }
}

/** How the manifest is signed; `undefined` where no key is given. */
function signatureFrom(
  given: Arguments,
  validity: CorimValidity | undefined,
): ((manifest: Uint8Array) => Uint8Array) | undefined {
  const [file, signer, certificates] = [given.text('key'), given.text('signer'), given.text('certificates')]
  if (file === undefined) {
    if (signer === undefined && certificates === undefined) return undefined
    throw new UsageError('there is nothing to sign with: no --key')
  }
  if (signer === undefined) throw new UsageError('a signature says whose it is: no --signer')
  const key = privateKeyFrom(file)
  const chain = certificates === undefined ? undefined : certificatesFrom(certificates)
  return (manifest) => signCorim(manifest, key, { signer, validity, certificates: chain })
}

/** `mica endorse`: endorsements as other verifiers take them. */
export const endorseCommand: Command = { help: HELP, run }
