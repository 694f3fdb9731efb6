import type { AttackResult, Backend, EvidenceVerifier, GroupToLaunch, TrustRoot } from '@mica/plugins'
import { encodeBlob, project, type Workflow } from '@mica/policy'
import type { Verdict } from '@mica/verifier'
import { derive } from '../run/seed.ts'
import { type BuiltGroup, compileGroup } from '../workflow/build-group.ts'
import { expectationsOf, rimsOf } from '../workflow/expectations.ts'
import type { CheckedWorkflow } from '../workflow/load-workflow.ts'

/** Who makes reports, who judges them, and for which workflow. */
export interface Courtroom {
  readonly policy: CheckedWorkflow
  readonly group: BuiltGroup
  readonly backend: Backend
  readonly verifier: EvidenceVerifier
  readonly trust: TrustRoot
  readonly seed: Uint8Array
}

/** A call of the monitor's that any policy can allow: a host call. */
const HOST_CALL = 0xc400_0199

/**
 * Attacks on what a client believes: reports on groups that the monitor lets be, and that are not the ones of the author.
 * The control, first, is the report on the real group, which has to be accepted.
 */
export async function* attackReports(court: Courtroom): AsyncGenerator<AttackResult> {
  const { group, policy } = court
  const honest = await reportOn(court, launchOf(group), 'challenge')
  if (honest === undefined) {
    yield control('broken', 'the group makes no report')
    return
  }
  const verdict = await judge(court, honest, 'challenge')
  yield verdict.kind === 'accepted'
    ? control('works', 'the report on the real group is accepted')
    : control('broken', describe(verdict)!)

  yield result('replayed-report', 'answers a new question with an old report', [
    describe(await judge(court, honest, 'another challenge')),
  ])
  yield result('altered-report', 'changes one byte of a report, at many places', await alteredReports(court, honest))
  yield result(
    'other-image',
    'replaces one member after the other by another program, with policies that are made for it',
    await everyVerdict(
      court,
      group.peers.map(({ name }) => withOtherImage(policy, group, name)),
    ),
  )
  const wide = withWiderPolicies(group)
  yield result(
    'wider-policies',
    'hands all members policies that let everyone talk to the host, valid and accepted by the monitor',
    group.workflow.assertions.length === 0 || wide === undefined ? [] : await everyVerdict(court, [wide]),
  )
}

const control = (outcome: 'works' | 'broken', by: string): AttackResult => {
  return {
    name: 'report-control',
    adversary: 'nobody',
    tried: 'the group is reported on and judged',
    tries: 1,
    outcome,
    by: [by],
  }
}

function result(name: string, tried: string, stops: readonly (string | undefined)[]): AttackResult {
  const common = { name, adversary: 'the host', tried, tries: stops.length }
  if (stops.length === 0) {
    return { ...common, outcome: 'not-applicable', by: ['the policy asserts nothing that wider policies could break'] }
  }
  const through = stops.filter((stop) => stop === undefined).length
  if (through > 0)
    return { ...common, outcome: 'succeeded', by: [`nothing: ${through} of ${stops.length} were accepted`] }
  return { ...common, outcome: 'stopped', by: [...new Set(stops as readonly string[])] }
}

/** The verdict on the report of each group; a group that the monitor refuses makes none. */
async function everyVerdict(court: Courtroom, groups: readonly GroupToLaunch[]): Promise<(string | undefined)[]> {
  const stops: (string | undefined)[] = []
  for (const group of groups) {
    const report = await reportOn(court, group, 'challenge')
    stops.push(
      report === undefined ? 'the monitor refuses the policies' : describe(await judge(court, report, 'challenge')),
    )
  }
  return stops
}

async function alteredReports(court: Courtroom, report: Uint8Array): Promise<(string | undefined)[]> {
  const stops: (string | undefined)[] = []
  for (let at = 0; at < report.length; at += Math.ceil(report.length / 32)) {
    const altered = Uint8Array.from(report)
    altered[at]! ^= 1
    stops.push(describe(await judge(court, altered, 'challenge')))
  }
  return stops
}

const launchOf = ({ peers, workflow }: BuiltGroup): GroupToLaunch => {
  return { realms: peers.map(({ name, image, blob }) => ({ peer: name, image, blob })), memories: workflow.memories }
}

/** The group with another program in the place of one peer, and policies that name that one. */
function withOtherImage(policy: CheckedWorkflow, group: BuiltGroup, peer: string): GroupToLaunch {
  const images = group.peers.map(({ name, image }) => {
    if (name !== peer) return [name, image] as const
    const other = Uint8Array.from(image)
    other[other.length - 1]! ^= 1
    return [name, other] as const
  })
  return launchOf(compileGroup(policy, new Map(images)))
}

/** The group with policies that allow every member a host call; absent where they would be too large. */
function withWiderPolicies(group: BuiltGroup): GroupToLaunch | undefined {
  const isHostCall = ([first, last]: readonly [number, number]): boolean => first <= HOST_CALL && HOST_CALL <= last
  const kept = group.workflow.transitions.filter(
    ({ class: kind, ranges }) => kind !== 'call' || !ranges.some(isHostCall),
  )
  const calls = group.workflow.peers.map(
    (_, peer) => ({ peer, class: 'call', action: 'allow', ranges: [[HOST_CALL, HOST_CALL]] }) as const,
  )
  const workflow: Workflow = { ...group.workflow, transitions: [...kept, ...calls] }
  const launch = launchOf(group)
  const realms = launch.realms.flatMap((realm) => {
    const projection = project(workflow, realm.peer)
    return projection.kind === 'policy' ? [{ ...realm, blob: encodeBlob(projection.policy) }] : []
  })
  return realms.length === launch.realms.length ? { ...launch, realms } : undefined
}

async function reportOn(court: Courtroom, group: GroupToLaunch, question: string): Promise<Uint8Array | undefined> {
  const challenge = challengeOf(court, question)
  const request = { kind: 'group', peer: group.realms[0]!.peer, challenge } as const
  const attestation = await court.backend.attest?.(group, request, { seed: derive(court.seed, 'report') })
  return attestation?.kind === 'made' ? attestation.evidence : undefined
}

async function judge({ group, verifier, trust, ...court }: Courtroom, report: Uint8Array, question: string) {
  return verifier.verify(report, {
    trustAnchors: trust.anchors,
    endorsements: trust.endorsements,
    challenge: challengeOf(court, question),
    expectations: expectationsOf(group.workflow, rimsOf(group)),
  })
}

/** 64 bytes that follow from the seed. */
function challengeOf({ seed }: Pick<Courtroom, 'seed'>, question: string): Uint8Array {
  return Uint8Array.of(...derive(seed, question), ...derive(seed, `${question}, more`))
}

/** The finding that decided against a report. */
function describe(verdict: Verdict): string | undefined {
  if (verdict.kind === 'accepted') return undefined
  const [finding] = verdict.findings
  return `verdict: rejected, ${finding!.name} (${finding!.code})`
}
