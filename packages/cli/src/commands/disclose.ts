import { disclose, type MemberChoice, readEvidence } from '@mica/verifier'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, readBytes, writeBytes } from '../files.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

const HELP = `usage: mica disclose EVIDENCE --member NAME… --out PROOF [--json]

Makes of a group report, one that was asked for with --disclosable, evidence for a third party: it shows the members that are
named, each with its measurement, the digest of its policy and its own channels, and of all others nothing but hashes.
\`mica verify PROOF --disclosure\` judges it, for the challenge of the report: to be fresh for the third party, that is theirs.

  --member NAME[:A,B]  a member to show, by the name that a verdict on the report gives it; may be repeated. After a colon, the
                       channels to show of it, instead of all that it holds; it is seen how many more there are
  --out PROOF          where the evidence is written
  --json               {"evidence", "members", "bytes"} on standard output

The third party sees how many members and channel ends there are, which of the shown members share a channel, and how many
others hold it. Who can guess a whole policy can tell from its digest that it is the one. Signatures are not checked here.

example: mica disclose report.cbor --member encoder --out encoder.cbor
Exit codes: 0 done; 1 the report cannot show that; 2 usage or environment.`

const OPTIONS = {
  member: { type: 'string', multiple: true },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  const file = given.only('evidence file')
  const out = given.need('out')
  checkWritable(out, [file])
  const choices = given.texts('member').map(choiceFrom)
  if (choices.length === 0) throw new UsageError('no --member given', 'mica verify lists the members of a report')
  const disclosing = disclose(readEvidence(readBytes(file, 'evidence')).bytes, choices)
  if (disclosing.kind === 'refused') {
    terminal.error(
      `nothing shown: ${disclosing.reason}`,
      'a report that was asked for with --disclosable can be shown in part; mica verify lists its members',
    )
    return 1
  }
  writeBytes(out, disclosing.evidence)
  const members = choices.map(({ member }) => member)
  const bytes = disclosing.evidence.length
  if (given.flag('json')) terminal.out(JSON.stringify({ evidence: out, members, bytes }))
  else terminal.out(`shows ${members.join(', ')}: ${out}, ${bytes} bytes`)
  return 0
}

/** \`NAME\`, or \`NAME:CHANNEL,…\`: names of the policy language have no colon and no comma. */
function choiceFrom(text: string): MemberChoice {
  const colon = text.indexOf(':')
  if (colon < 0) return { member: text }
  const names = text.slice(colon + 1)
  return { member: text.slice(0, colon), channels: names === '' ? [] : names.split(',') }
}

/** \`mica disclose\`: some members of a report, for a third party. */
export const discloseCommand: Command = { help: HELP, run }
