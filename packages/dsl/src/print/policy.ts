import type { Mapping, Peer, Policy } from '@mica/policy'
import { printIds } from './ids.ts'
import { printDigest, printHex, printRpv } from './literal.ts'
import { printRights } from './rights.ts'
import { printSize } from './size.ts'

const GRANULE_SIZE = 4096

/** One peer's policy in words: every name, right, address and transition that its blob has, in the blob's order. */
export function describePolicy(policy: Policy): string {
  const { self, version, peers, memories, transitions, assertionDigest } = policy
  const names = peers.map(({ name }) => printName(name))
  const sections = [
    [
      `policy of ${names[self] ?? ''}${version === undefined ? '' : `, version ${version}`}`,
      ...(assertionDigest === undefined ? [] : [`assertions ${printDigest(assertionDigest)}`]),
    ],
    table(
      'peers',
      peers.map((peer, index) => peerRow(peer, index === self)),
    ),
    [
      'memories',
      ...memories.flatMap(({ name, kind, granules, paced, mappings }) => [
        `  ${printName(name)}  ${kind}, ${printSize(granules)}${paced ? ', paced' : ''}`,
        ...columns(mappings.map((mapping) => mappingRow(mapping, names))).map((line) => `    ${line}`),
      ]),
    ],
    table(
      'transitions',
      transitions.map(({ peer, class: of, action, ranges }) => [names[peer] ?? '', of, printIds(of, ranges), action]),
    ),
  ]
  return sections
    .filter((lines, index) => index === 0 || lines.length > 1)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function peerRow({ name, gateway, strict, rims, label, rpv }: Peer, isSelf: boolean): string[] {
  const words = [isSelf ? 'self' : '', gateway ? 'gateway' : '', strict ? 'strict' : 'open'].filter(
    (word) => word !== '',
  )
  const identity = [
    ...(rims.length === 0 ? [] : [rims.map(printDigest).join(' or ')]),
    ...(label === undefined ? [] : [`label ${printHex(label)}`]),
    ...(rpv === undefined ? [] : [`rpv ${printRpv(rpv)}`]),
  ]
  return [printName(name), words.join(' '), identity.length === 0 ? 'anyone' : identity.join(' ')]
}

function mappingRow({ peer, rights, ipaGranule, anyCount }: Mapping, names: readonly string[]): string[] {
  const holder = peer === null ? `any${anyCount === undefined ? '' : `(${anyCount})`}` : (names[peer] ?? '')
  const address = ipaGranule === null ? 'anywhere' : `at ${printHex(ipaGranule * GRANULE_SIZE)}`
  return [holder, printRights(rights), address]
}

/** A name as a line of text: blobs of strangers may hold characters that would move a cursor. */
function printName(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

function table(title: string, rows: readonly (readonly string[])[]): string[] {
  return [title, ...columns(rows).map((line) => `  ${line}`)]
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
