import { type Finding, renderVerdict, type Verdict, type VerdictJson, verdictJson } from '@mica/verifier'
import { VERSION } from '../version.ts'

/** The verdict on one file of evidence. */
export interface FileVerdict {
  readonly file: string
  readonly verdict: Verdict
}

/** The verdicts on everything that was to be judged, and what is wrong with it taken together. */
export interface Judgement {
  readonly files: readonly FileVerdict[]
  /** Of the whole: failures and notes. */
  readonly together: readonly Finding[]
  /** The challenge that it was judged with; empty if there was none. */
  readonly challenge: Uint8Array
}

/** Whether all of it is accepted. */
export const isAccepted = ({ files, together }: Judgement): boolean =>
  files.every(({ verdict }) => verdict.kind === 'accepted') && !together.some(({ severity }) => severity === 'failure')

/**
 * A judgement for programs: of one file its verdict, of several `{ verdict, findings, notes, evidence: [{ file, … }] }`,
 * where each finding says which file it is about, if it is about one. Each verdict has its attestation result in `ear`.
 */
export function judgementJson(judgement: Judgement): Readonly<Record<string, unknown>> | VerdictJson {
  const { files, together, challenge } = judgement
  const [only, ...more] = files
  if (only !== undefined && more.length === 0) return fileJson(only.verdict, challenge)
  const evidence = files.map(({ file, verdict }) => ({ file, ...fileJson(verdict, challenge) }))
  const ofFiles = (which: 'findings' | 'notes'): readonly object[] =>
    evidence.flatMap(({ file, ...json }) => json[which].map((one) => ({ file, ...one })))
  const ofAll = (severity: Finding['severity']): readonly Finding[] =>
    together.filter((one) => one.severity === severity)
  return {
    verdict: isAccepted(judgement) ? 'accepted' : 'rejected',
    findings: [...ofFiles('findings'), ...ofAll('failure')],
    notes: [...ofFiles('notes'), ...ofAll('note')],
    evidence,
  }
}

/** A verdict with the attestation result that a verifier's service would sign. */
function fileJson(verdict: Verdict, challenge: Uint8Array): VerdictJson {
  return verdictJson(verdict, {
    verifier: { developer: 'mica', build: VERSION },
    issuedAt: new Date(),
    nonce: challenge.length === 0 ? undefined : challenge,
  })
}

/** A judgement for people: each verdict, under the name of its file if there are several. */
export function renderJudgement({ files, together }: Judgement): string {
  const verdicts = files.map(({ file, verdict }) => {
    const text = renderVerdict(verdict).trimEnd()
    return files.length === 1 ? text : `${file}\n${text}`
  })
  const findings = together.map(
    ({ code, name, severity, member, detail }) =>
      `${severity === 'failure' ? 'rejected' : 'note    '}   ${code} ${name}: ${fileOf(files, member)}: ${detail}`,
  )
  return [...verdicts, ...(findings.length === 0 ? [] : [findings.join('\n')])].join('\n\n')
}

/** The file that a finding on a set is about: it names a position. */
const fileOf = (files: readonly FileVerdict[], position: string | undefined): string =>
  files[Number(position)]?.file ?? 'the set'
