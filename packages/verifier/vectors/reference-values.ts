import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { PLATFORM_SUBMODULE, REALM_SUBMODULE } from '../src/appraisal/submodule.ts'
import { TRUST_CATEGORIES, tierOf } from '../src/appraisal/trust-vector.ts'
import { type EndorsementFile, readCorim, type Verdict, verifyToken } from '../src/index.ts'
import { bytesOf, type Json, publicKeyOf, records, text } from './files.ts'
import { anchorFor, challengeIn } from './judge-token.ts'
import { USUAL_KEY } from './single-tokens.ts'
import { compare, type Outcome } from './vector.ts'

/** The token that endorsements are tried on. */
interface Subject {
  readonly evidence: Uint8Array
  readonly keyFile: string
  /** Said of a vector whose token is not there, when another stands in for it. */
  readonly standIn: string | undefined
}

/** What a sentence can say: of a part its status, of a category its value or tier. */
const CLAUSE = new RegExp(
  `\\b(platform|realm|${TRUST_CATEGORIES.join('|')}) (-?\\d+|not affirming|affirming|warning|contraindicated)\\b`,
  'g',
)

/**
 * Checks endorsements by what appraising a token with them gives: `{ vectors: [{ file, token, verdict }] }`. The verdict
 * is a sentence: `reject CoRIM`, `trust anchor …`, `no-trust-anchor …`, `as <another vector>`, or what {@link CLAUSE}
 * finds in it.
 */
export function checkReferenceValues(file: string, json: Json, label: (path: string) => string): readonly Outcome[] {
  const vectors = records(json['vectors'])
  return vectors.map((vector) => {
    const path = resolve(dirname(file), text(vector, 'file') ?? '')
    const name = label(path)
    const bytes = bytesOf(path)
    if (bytes === undefined) return { name, passed: false, detail: 'the file is missing' }
    const sentence = sentenceOf(vector, vectors)
    const reading = readCorim(bytes)
    if (sentence.startsWith('reject CoRIM')) return compare(name, ['refused'], reading.kind)
    if (reading.kind === 'refused') return { name, passed: false, detail: reading.reason }
    const subject = subjectOf(resolve(dirname(file), text(vector, 'token') ?? ''))
    if (subject === undefined) return { name, passed: false, detail: 'there is no token to try it on' }
    const wrong = disagreements(sentence, reading.value, subject)
    return { name, passed: wrong.length === 0, detail: wrong.length === 0 ? subject.standIn : wrong.join('; ') }
  })
}

function sentenceOf(vector: Json, vectors: readonly Json[]): string {
  const verdict = text(vector, 'verdict') ?? ''
  const [, other] = /^as (\S+)/.exec(verdict) ?? []
  const same = vectors.find((one) => other !== undefined && text(one, 'file') === `${other}.cbor`)
  return same === undefined ? verdict : sentenceOf(same, vectors)
}

/** The token that a vector names, or else the first good one beside it. */
function subjectOf(path: string): Subject | undefined {
  const folder = dirname(path)
  const keyFile = join(folder, USUAL_KEY)
  const named = bytesOf(path)
  if (named !== undefined) return { evidence: named, keyFile, standIn: undefined }
  const [good] = readdirSync(folder)
    .filter((file) => file.startsWith('pos-'))
    .toSorted()
  const evidence = good === undefined ? undefined : bytesOf(join(folder, good))
  if (evidence === undefined) return undefined
  return { evidence, keyFile, standIn: `on ${good} in place of ${basename(path)}, which is not there` }
}

/** What a sentence says that is not so. */
function disagreements(sentence: string, file: EndorsementFile, { evidence, keyFile }: Subject): readonly string[] {
  const key = publicKeyOf(keyFile)
  const itsOwn = key === undefined ? [] : anchorFor(evidence, key)
  const verdict = verifyToken(evidence, {
    trustAnchors: file.trustAnchors.length > 0 ? file.trustAnchors : itsOwn,
    endorsements: file.endorsements,
    challenge: challengeIn(evidence),
    expectations: {},
  })
  const [finding] = /^no-trust-anchor\b/.exec(sentence) ?? (sentence.startsWith('trust anchor ') ? ['accepted'] : [])
  if (finding !== undefined) {
    const found = verdict.kind === 'accepted' ? 'accepted' : verdict.findings[0]?.name
    return found === finding ? [] : [`expected ${finding}, found ${found}`]
  }
  const clauses = [...sentence.matchAll(CLAUSE)]
  if (clauses.length === 0) return [`nothing is understood of \`${sentence}\``]
  const part = file.endorsements.realms.length > 0 ? REALM_SUBMODULE : PLATFORM_SUBMODULE
  return clauses.flatMap(([, what = '', expected = '']) => {
    const found = foundIn(verdict, part, what)
    const right = expected === 'not affirming' ? !found.includes('affirming') : found.includes(expected)
    return right ? [] : [`${what}: expected ${expected}, found ${found.join(', ') || 'nothing'}`]
  })
}

/** What appraisal says of a part, or of a category of it: the tier, and the value. */
function foundIn(verdict: Verdict, part: string, what: string): readonly string[] {
  const submodule = verdict.submodules.find(({ name }) => name === part)
  if (submodule === undefined) return []
  const category = TRUST_CATEGORIES.find((name) => name === what)
  if (category === undefined) return [submodule.status]
  const value = submodule.vector[category]
  return [tierOf(value), String(value)]
}
