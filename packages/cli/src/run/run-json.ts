import { verdictJson } from '@mica/verifier'
import { hex } from '../words.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import type { Refusal } from './refusals.ts'
import type { RunFiles } from './run-report.ts'
import type { RunResult } from './run-workflow.ts'

/** What a run came to, for programs: everything that the report for people says, under names that stay. */
export function runJson(group: BuiltGroup, result: RunResult, refusals: readonly Refusal[], files: RunFiles): object {
  const { realms, ended, outcome, judgement, summary, leaks } = result
  return {
    workflow: group.workflow.name,
    members: group.peers.map(({ name, rim }) => {
      const measured = realms.find(({ peer }) => peer === name)?.rim
      return { name, rim: digest(rim), measured: measured === undefined ? null : digest(measured) }
    }),
    verdict: judgement === undefined ? null : verdictJson(judgement.release.verdict),
    released: judgement?.release.kind === 'released',
    refusals,
    ended,
    outcome: outcome === undefined ? null : outcome.kind === 'complete' ? { kind: outcome.kind } : outcome,
    output: outcome?.kind === 'complete' ? { file: files.output, bytes: outcome.output.length } : null,
    evidence: judgement === undefined ? null : evidenceJson(judgement.offer, files.evidence),
    admissions: summary.admissions,
    channels: summary.channels,
    exits: summary.exits,
    stopped: summary.stopped,
    leaks: {
      found: leaks.leaks.length,
      fragments: leaks.fragments,
      searchedBytes: leaks.searched,
      of: [...new Set(leaks.leaks.map(({ secret }) => secret))],
    },
  }
}

function evidenceJson(
  { evidence, challenge }: { readonly evidence: Uint8Array; readonly challenge: Uint8Array },
  file: string | undefined,
): object {
  return { bytes: evidence.length, challenge: hex(challenge), ...(file === undefined ? {} : { file }) }
}

const digest = (rim: Uint8Array): string => `sha256:${hex(rim)}`
