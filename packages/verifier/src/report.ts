import type { Submodule } from './appraisal/submodule.ts'
import { toHex } from './bytes.ts'
import { disclosureJson, renderDisclosure } from './disclosure/report.ts'
import { type EarClaims, type EarOptions, earOf } from './ear/ear.ts'
import { type Finding, short, shown } from './findings.ts'
import type { GroupClaims } from './group/appraise.ts'
import { type ReceiptClaims, receiptJson } from './receipt/appraise.ts'
import { renderToken } from './report-token.ts'
import { table } from './table.ts'
import type { EvidenceClaims, Verdict } from './verdict.ts'

/** A verdict as JSON: stable member names, bytes in hex. */
export interface VerdictJson {
  readonly verdict: 'accepted' | 'rejected'
  /** Failures, the deciding one first; empty when accepted. */
  readonly findings: readonly Finding[]
  readonly notes: readonly Finding[]
  /** The attestation result, unsigned, where it was asked for. */
  readonly ear?: EarClaims | undefined
  readonly trustAnchor?: string | undefined
  readonly platform?: Readonly<Record<string, unknown>> | undefined
  readonly realm?: Readonly<Record<string, unknown>> | undefined
  readonly group?: Readonly<Record<string, unknown>> | undefined
  readonly receipt?: Readonly<Record<string, unknown>> | undefined
  readonly disclosure?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The JSON form of a verdict. Claims are there for accepted evidence only: nobody should read them elsewhere by mistake.
 * @param result What its attestation result says beside the verdict; absent: there is none.
 */
export function verdictJson(verdict: Verdict, result?: EarOptions): VerdictJson {
  const findings = verdict.kind === 'rejected' ? verdict.findings : []
  const ear = result === undefined ? {} : { ear: earOf(verdict, result) }
  const outcome = { verdict: verdict.kind, findings, notes: verdict.notes, ...ear }
  if (verdict.kind === 'rejected') return outcome
  const { claims } = verdict
  const { platform } = claims
  const common = {
    ...outcome,
    trustAnchor: claims.trustAnchor,
    platform: {
      profile: platform.profile,
      implementationId: toHex(platform.implementationId),
      instanceId: toHex(platform.instanceId),
      lifecycle: platform.lifecycle,
      config: toHex(platform.config),
      components: platform.softwareComponents.map((component) => ({
        type: component.type,
        version: component.version,
        measurement: toHex(component.measurement),
        signerId: toHex(component.signerId),
      })),
    },
  }
  if (claims.kind === 'group') return { ...common, group: groupJson(claims.group) }
  if (claims.kind === 'receipt') return { ...common, receipt: receiptJson(claims.receipt) }
  if (claims.kind === 'disclosure') return { ...common, disclosure: disclosureJson(claims.disclosure) }
  const { realm } = claims
  const digest = realm.policyDigest
  return {
    ...common,
    realm: {
      profile: realm.profile,
      rim: toHex(realm.rim),
      rpv: toHex(realm.rpv),
      rems: realm.rems.map(toHex),
      ...(digest === undefined ? {} : { policyDigest: toHex(digest) }),
    },
  }
}

function groupJson(group: GroupClaims): Readonly<Record<string, unknown>> {
  return {
    requester: group.members[group.requester]?.label,
    members: group.members.map((member) => ({
      label: member.label,
      peer: member.peer,
      rim: toHex(member.rim),
      rpv: toHex(member.rpv),
      policyDigest: toHex(member.policyDigest),
      ...(member.chainHead === undefined ? {} : { chainHead: toHex(member.chainHead) }),
    })),
    channels: group.channels.map((channel) => ({
      name: channel.name,
      active: channel.active,
      holders: channel.holders.map((holder) => group.members[holder.member]?.label),
    })),
    absent: group.absent,
    assertions: group.assertions,
    leakers: group.leakers,
  }
}

/** The verdict for a person: what was believed and why, or the first reason why not, with the path that breaks it. */
export function renderVerdict(verdict: Verdict): string {
  const lines: string[] = []
  const claims = verdict.kind === 'accepted' ? verdict.claims : verdict.unverified
  if (verdict.kind === 'accepted') lines.push(`accepted   vouched for by \`${shown(verdict.claims.trustAnchor)}\``)
  else for (const [index, one] of verdict.findings.entries()) lines.push(...renderFailure(one, index === 0))
  if (claims !== undefined) {
    lines.push('')
    if (verdict.kind === 'rejected') lines.push('what the evidence says, none of it to be believed:')
    lines.push(...renderClaims(claims, verdict.submodules))
  }
  for (const note of verdict.notes) lines.push(`note       ${note.code} ${note.name}: ${note.detail}`)
  return `${lines.join('\n')}\n`
}

function renderFailure(failure: Finding, first: boolean): string[] {
  const lines = [`${first ? 'rejected ' : '  also   '}  ${failure.code} ${failure.name}: ${failure.detail}`]
  const indent = ' '.repeat(11)
  if (failure.member !== undefined) lines.push(`${indent}member: ${failure.member}`)
  if (failure.claim !== undefined) lines.push(`${indent}claim: ${failure.claim}`)
  if (failure.rule !== undefined) lines.push(`${indent}rule: ${failure.rule}`)
  if (failure.path !== undefined) lines.push(`${indent}path: ${failure.path.join(' -> ')}`)
  return lines
}

function renderClaims(claims: EvidenceClaims, parts: readonly Submodule[]): readonly string[] {
  if (claims.kind === 'token') return renderToken(claims, parts)
  if (claims.kind === 'receipt') return renderReceipt(claims.receipt)
  if (claims.kind === 'disclosure') return renderDisclosure(claims.disclosure)
  const { group } = claims
  // Until somebody leaves, returns or revokes, chains say nothing.
  const hasMoved = group.members.some(({ chainHead }) => chainHead !== undefined)
  const rows = group.members.map((member, index) => [
    `${member.label}${index === group.requester ? ' *' : ''}`,
    toHex(member.rim).slice(0, 16),
    toHex(member.policyDigest).slice(0, 16),
    ...(hasMoved ? [member.chainHead === undefined ? 'as uploaded' : toHex(member.chainHead).slice(0, 16)] : []),
  ])
  const channels = group.channels.map((channel) => [
    shown(channel.name),
    channel.active ? 'active' : 'idle',
    channel.holders.map((holder) => group.members[holder.member]!.label).join(', '),
  ])
  const assertions = group.assertions.map((one) => [one.holds ? 'holds' : 'fails', one.assertion])
  return [
    ...table(['member', 'RIM', 'policy', ...(hasMoved ? ['chain'] : [])], rows),
    ...(channels.length > 0 ? ['', ...table(['channel', 'state', 'held by'], channels)] : []),
    ...(assertions.length > 0 ? ['', ...table(['assertion', ''], assertions)] : []),
    '',
    `leakers    ${group.leakers.length > 0 ? group.leakers.map(shown).join(', ') : 'none'}`,
    ...(group.absent.length > 0 ? [`absent     ${group.absent.map(shown).join(', ')}`] : []),
    '*          asked for this report',
  ]
}

function renderReceipt({ memory, granules, lost, owner, context }: ReceiptClaims): string[] {
  const head = `revoked    ${shown(memory)}, ${granules} granule${granules === 1 ? '' : 's'}, by ${context?.owner ?? `RIM ${short(lost[owner]!.rim)}`}`
  if (context === undefined) {
    return [
      head,
      '',
      ...table(
        ['RIM', 'policy'],
        lost.map(({ rim, policyDigest }) => [short(rim), short(policyDigest)]),
      ),
    ]
  }
  const rows = context.ended.map(({ member, by }) => [member, by === 'revocation' ? 'ended now' : 'had left before'])
  const others = context.newcomers === 0 ? [] : [`and ${context.newcomers} more, who joined after the report`]
  return [head, '', ...table(['member', 'access'], rows), ...others]
}
