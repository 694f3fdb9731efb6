import { toHex } from '../bytes.ts'
import { table } from '../table.ts'
import type { DisclosedEdge, DisclosureClaims } from './claims.ts'

/** The claims as JSON: bytes in hex. */
export function disclosureJson({
  size,
  shown,
  members,
  requester,
}: DisclosureClaims): Readonly<Record<string, unknown>> {
  return {
    leaves: size,
    shown,
    ...(requester === undefined ? {} : { requester: members[requester]!.label }),
    members: members.map((member) => ({
      label: member.label,
      rim: toHex(member.rim),
      rpv: toHex(member.rpv),
      ...(member.rems === undefined ? {} : { rems: member.rems.map(toHex) }),
      policyDigest: toHex(member.policyDigest),
      ...(member.chainHead === undefined ? {} : { chainHead: toHex(member.chainHead) }),
      edges: member.edges.map((edge) => ({ ...edge, channel: toHex(edge.channel) })),
      hiddenEdges: member.hiddenEdges,
    })),
  }
}

/** The claims for a person: members first, then their edges; edges of one channel have one number. */
export function renderDisclosure({ members, requester }: DisclosureClaims): string[] {
  const channels = [...new Set(members.flatMap(({ edges }) => edges.map(({ channel }) => toHex(channel))))]
  const rows = members.map((member, index) => [
    `${member.label}${index === requester ? ' *' : ''}`,
    toHex(member.rim),
    toHex(member.policyDigest),
  ])
  const edges = members.flatMap((member) => [
    ...member.edges.map((edge) => [
      member.label,
      String(channels.indexOf(toHex(edge.channel)) + 1),
      String(edge.memory),
      printRights(edge),
      String(edge.others),
    ]),
    ...(member.hiddenEdges === 0 ? [] : [[member.label, `${member.hiddenEdges} not shown`, '', '', '']]),
  ])
  return [
    ...table(['member', 'RIM', 'policy'], rows),
    ...(edges.length === 0 ? [] : ['', ...table(['edge of', 'channel', 'memory', 'rights', 'others'], edges)]),
    '',
    requester === undefined ? 'another member asked for this report' : '*          asked for this report',
  ]
}

const LETTERS = ['r', 'w', 'x', 'o'] as const

/** Rights as letters, in the order of their bits. */
function printRights({ rights }: DisclosedEdge): string {
  return LETTERS.map((letter, bit) => (Math.floor(rights / 2 ** bit) % 2 === 1 ? letter : '-')).join('')
}
