import { describeFact, type Fact, type FactRule, ruleOfNumber } from '@mica/policy'
import { hex } from '../words.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import type { Admission, UploadRefusal } from './admission.ts'
import type { RunResult } from './run-workflow.ts'

/** Something that kept a group from being trusted with data: who noticed, about which peer, and the rule. */
export interface Refusal {
  /**
   * `measurement`: what the monitor measured or the policy compiles to, compared with what was built; `realm`: the
   * measured boot code; `monitor`: a rule of the upload; `verifier`: a finding in the report.
   */
  readonly by: 'measurement' | 'realm' | 'monitor' | 'verifier'
  /** Absent when it is about the whole group. */
  readonly peer?: string
  /** In kebab case, as its owner spells it. */
  readonly rule: string
  /** One line: what is wrong. */
  readonly detail: string
}

/**
 * Everything for which a group was not trusted with data, in the order in which it went wrong; empty when the client
 * released its key.
 */
export function refusalsOf(group: BuiltGroup, result: RunResult): readonly Refusal[] {
  if (result.judgement?.release.kind === 'released') return []
  return [
    ...group.peers.flatMap((peer) => notAsBuilt(peer, result)),
    ...result.summary.admissions.flatMap(notAdmitted),
    ...withheld(result),
  ]
}

function notAsBuilt({ name, rim, blobAsCompiled }: BuiltGroup['peers'][number], { realms }: RunResult): Refusal[] {
  const refusals: Refusal[] = []
  const measured = realms.find(({ peer }) => peer === name)?.rim
  if (measured !== undefined && hex(measured) !== hex(rim)) {
    const detail = `its image measures ${short(measured)}, the lock says ${short(rim)}`
    refusals.push({ by: 'measurement', peer: name, rule: 'rim-not-as-locked', detail })
  }
  if (!blobAsCompiled) {
    const detail = 'its policy blob is not the one that the policy file compiles to'
    refusals.push({ by: 'measurement', peer: name, rule: 'blob-not-as-compiled', detail })
  }
  return refusals
}

function notAdmitted({ peer, policy, refusal, state }: Admission): Refusal[] {
  if (refusal !== undefined && policy === 'refused') {
    return [{ by: 'monitor', peer, rule: refusal.rule, detail: describeRefusal(refusal) }]
  }
  if (policy === 'accepted' || state === 'running') return []
  const detail =
    state === 'halted'
      ? 'its image does not run: the PE halted before any upload'
      : 'its boot code did not upload the policy it was handed, and switched the Realm off'
  return [{ by: 'realm', peer, rule: state === 'halted' ? 'image-halted' : 'policy-not-uploaded', detail }]
}

function withheld({ judgement }: RunResult): Refusal[] {
  if (judgement?.release.kind !== 'withheld') return []
  return judgement.release.findings.map(({ name, code, detail, member }) => {
    return {
      by: 'verifier',
      ...(member === undefined ? {} : { peer: member }),
      rule: name,
      detail: `${code}, ${detail}`,
    }
  })
}

/** A refusal of the monitor in words; rules that only a machine can decide have none but their names and facts. */
function describeRefusal({ step, rule, facts }: UploadRefusal): string {
  const known = policyRule(rule)
  const given = Object.entries(facts).map(([name, value]) => `${name} ${value}`)
  const why =
    known === undefined
      ? given.join(', ')
      : describeFact({ code: 'MICA3000', rule: known, facts, origins: [] } satisfies Fact)
  return `refused at step ${step} of the upload${why === '' ? '' : `: ${why}`}`
}

/** The rule of the policy package that has this name. */
function policyRule(name: string): FactRule | undefined {
  for (let number = 1; number < 100; number++) {
    const rule = ruleOfNumber(number)
    if (rule === name) return rule
  }
  return undefined
}

/** Enough of a measurement to see that two differ. */
function short(rim: Uint8Array): string {
  return `${hex(rim).slice(0, 16)}…`
}
