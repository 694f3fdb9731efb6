import {
  assertionDigest,
  attestedGraph,
  type FlowGraph,
  type Hop,
  judge,
  leakers,
  nameOfId,
  PACED_BITS_PER_SECOND,
  printAssertion,
  residuals,
} from '@mica/policy'
import { equalBytes } from '../bytes.ts'
import { type Finding, finding, shown } from '../findings.ts'
import type { GroupExpectations } from './expectations.ts'
import type { MemberClaims, OpenedGroup } from './members.ts'

/** An assertion as it is printed, and whether the attested graph bears it out. */
export interface AssertionClaims {
  readonly assertion: string
  readonly holds: boolean
  /** One line: why. */
  readonly reason: string
}

/** What follows from a group's policies: the assertions judged, who can leak, and what was found. */
export interface FlowAppraisal {
  readonly assertions: readonly AssertionClaims[]
  readonly leakers: readonly string[]
  /** `assertion-digest`, then `assertion`, then the notes. */
  readonly findings: readonly Finding[]
}

/**
 * Judges the expected assertions on everything that the frozen policies still allow: every mapping counts as held, an
 * absent peer as its entry says, `any`, `open` peers and peers without identity as the host.
 *
 * @param requester Index of the member whose names the assertions use.
 */
export function appraiseAssertions(
  { members, channels }: OpenedGroup,
  requester: number,
  { assertions }: GroupExpectations,
): FlowAppraisal {
  const graph = attestedGraph(members, channels, requester)
  const judgements = judge(graph, assertions)
  const broken = judgements.filter((judgement) => !judgement.holds)
  return {
    assertions: judgements.map(({ assertion, holds, reason }) => ({
      assertion: shown(printAssertion(assertion)),
      holds,
      reason: escaped(reason),
    })),
    leakers: leakers(graph),
    findings: [
      ...(assertions.length === 0 ? [] : members.flatMap((member) => checkDigest(member, assertionDigest(assertions)))),
      ...broken.map(({ assertion, reason, path }) => {
        const rule = shown(printAssertion(assertion))
        return finding('assertion', `\`${rule}\` does not hold: ${escaped(reason)}`, {
          rule,
          path: path === undefined ? undefined : pathNodes(path),
        })
      }),
      ...residualNotes(graph),
    ],
  }
}

function checkDigest(member: MemberClaims, expected: Uint8Array): Finding[] {
  const { assertionDigest: digest } = member.policy
  if (digest !== undefined && equalBytes(digest, expected)) return []
  const detail = `the policy of \`${shown(member.peer)}\` was compiled from ${digest === undefined ? 'no' : 'other'} assertions`
  return [finding('assertion-digest', detail, { member: member.label, claim: 'realm -75010 policy' })]
}

/** A reason quotes names in backticks of its own, so each part between them is escaped by itself. */
const escaped = (reason: string): string => reason.split('`').map(shown).join('`')

const pathNodes = (path: readonly Hop[]): readonly string[] =>
  [...path.slice(0, 1).map((hop) => hop.from), ...path.map((hop) => hop.to)].map(shown)

/**
 * What a policy asks to be scrubbed tells the host that it happened, and when: reported, and no edge. What pacing tells
 * is an edge; its rate is reported. Each once, however many policies say so.
 */
function residualNotes(graph: FlowGraph): Finding[] {
  const details = residuals(graph).flatMap((residual) => {
    if (residual.kind === 'paced') {
      const writers = residual.writers.map((writer) => `\`${shown(writer)}\``).join(', ')
      return [
        `\`${shown(residual.peer)}\` can tell ${writers} one bit a quantum (${PACED_BITS_PER_SECOND} a second), by pacing \`${shown(residual.memory)}\``,
      ]
    }
    if (residual.kind === 'time')
      return [`\`${shown(residual.peer)}\` has a clock, and can tell how much others have run`]
    if (residual.kind !== 'scrubbed') return []
    const { peer, class: transitionClass, ranges } = residual
    const what = ranges.map(([first]) => nameOfId(transitionClass, first) ?? `0x${first.toString(16)}`).join(', ')
    return [`\`${shown(peer)}\` shows the host that, and when, ${transitionClass} ${what} happens`]
  })
  return [...new Set(details)].map((detail) => finding('residual-flow', detail))
}
