import {
  type EarOptions,
  earOfSet,
  type Finding,
  renderVerdict,
  type Submodule,
  type Verdict,
  type VerdictJson,
  verdictJson,
} from '@mica/verifier'
import { VERSION } from '../version.ts'
import { plural, table } from '../words.ts'

/** The verdict on one file of evidence. */
export interface FileVerdict {
  readonly file: string
  readonly verdict: Verdict
  /** The challenge of this one, where it is not that of all. */
  readonly challenge?: Uint8Array | undefined
}

/** The verdicts on everything that was to be judged, and what is wrong with it taken together. */
export interface Judgement {
  readonly files: readonly FileVerdict[]
  /** Of the whole: failures and notes. */
  readonly together: readonly Finding[]
  /** What that amounts to in an attestation result; absent where the files were not judged as a set. */
  readonly set?: Submodule | undefined
  /** The challenge that it was judged with; empty if there was none. */
  readonly challenge: Uint8Array
}

/** Whether all of it is accepted. */
export const isAccepted = ({ files, together }: Judgement): boolean =>
  files.every(({ verdict }) => verdict.kind === 'accepted') && !together.some(({ severity }) => severity === 'failure')

/**
 * A judgement for programs: of one file its verdict, of several `{ verdict, findings, notes, ear, evidence: [{ file, … }] }`,
 * where each finding says which file it is about, if it is about one. Each verdict has its attestation result in `ear`,
 * and so have all of them together.
 */
export function judgementJson(judgement: Judgement): Readonly<Record<string, unknown>> | VerdictJson {
  const { files, together, challenge } = judgement
  const [only, ...more] = files
  if (only !== undefined && more.length === 0) return fileJson(only.verdict, only.challenge ?? challenge)
  const evidence = files.map(({ file, verdict, ...own }) => ({
    file,
    ...fileJson(verdict, own.challenge ?? challenge),
  }))
  const ofFiles = (which: 'findings' | 'notes'): readonly object[] =>
    evidence.flatMap(({ file, ...json }) => json[which].map((one) => ({ file, ...one })))
  const ofAll = (severity: Finding['severity']): readonly Finding[] =>
    together.filter((one) => one.severity === severity)
  return {
    verdict: isAccepted(judgement) ? 'accepted' : 'rejected',
    findings: [...ofFiles('findings'), ...ofAll('failure')],
    notes: [...ofFiles('notes'), ...ofAll('note')],
    ear: earOfSet({ members: files.map(({ verdict }) => verdict), submodule: judgement.set }, resultOf(challenge)),
    evidence,
  }
}

/** A verdict with the attestation result that a verifier's service would sign. */
function fileJson(verdict: Verdict, challenge: Uint8Array): VerdictJson {
  return verdictJson(verdict, resultOf(challenge))
}

const resultOf = (challenge: Uint8Array): EarOptions => ({
  verifier: { developer: 'mica', build: VERSION },
  issuedAt: new Date(),
  nonce: challenge.length === 0 ? undefined : challenge,
})

/**
 * A judgement for people: of one file its verdict; of several what they come to first, with what was found of them
 * together, and then each verdict under the name of its file.
 */
export function renderJudgement(judgement: Judgement): string {
  const { files, together } = judgement
  const [only, ...more] = files
  if (only !== undefined && more.length === 0) return renderVerdict(only.verdict).trimEnd()
  const findings = together.map(
    ({ code, name, severity, member, detail }) =>
      `${severity === 'failure' ? 'rejected' : 'note    '}   ${code} ${name}: ${fileOf(files, member)}: ${detail}`,
  )
  const whole = `${isAccepted(judgement) ? 'accepted' : 'rejected'}   ${plural(files.length, 'file')} together`
  const rows = files.map(({ file, verdict }) => [file, verdict.kind])
  const verdicts = files.map(({ file, verdict }) => `${file}\n${renderVerdict(verdict).trimEnd()}`)
  return [[whole, ...findings].join('\n'), table(rows, 'left').join('\n'), ...verdicts].join('\n\n')
}

/** The file that a finding on a set is about: it names a position. */
const fileOf = (files: readonly FileVerdict[], position: string | undefined): string =>
  files[Number(position)]?.file ?? 'the set'
