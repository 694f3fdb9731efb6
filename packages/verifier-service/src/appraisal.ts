import type { MIMEType } from 'node:util'
import {
  CHALLENGE_LENGTH,
  type EarForm,
  type ExpectationsFile,
  earOf,
  type GroupExpectations,
  readEvidence,
  type SignatureVerifier,
  signEar,
  type Verdict,
  type VerificationOptions,
  verify,
  verifyToken,
} from '@mica/verifier'
import type { Known } from './knowledge.ts'
import type { EvidenceForm } from './media-types.ts'
import { type Problem, unknownExpectations } from './problem.ts'
import type { Signer } from './signer.ts'

/** How the service verifies whatever it is given. */
export interface AppraisalOptions extends Pick<VerificationOptions<unknown>, 'compat' | 'pairing'> {
  readonly signatures: SignatureVerifier
}

/** What evidence is judged by. */
export interface Yardstick {
  /** What the result calls it. */
  readonly policyId: string
  /** Of a group: without it there is no judging one. */
  readonly expectations?: GroupExpectations | undefined
}

/** The policy of single Realms, as the Veraison service calls it: the endorsements. */
const TOKEN_POLICY = 'policy:ARM_CCA'

/**
 * What evidence of this type is judged by: a group by the expectations that the type names by their digest, or by the
 * only ones that there are.
 */
export function yardstickFor(form: EvidenceForm, type: MIMEType, known: Known): Yardstick | Problem {
  if (form !== 'group') return { policyId: TOKEN_POLICY }
  const named = type.params.get('expectations')
  if (named !== null) return namedYardstick(named, known)
  const [only, ...more] = known.expectations.keys()
  if (only === undefined) return unknownExpectations('the service was told of no group')
  if (more.length === 0) return namedYardstick(`sha256:${only}`, known)
  return unknownExpectations('the service knows several groups: name one, `; expectations="sha256:…"`')
}

function namedYardstick(name: string, known: Known): Yardstick | Problem {
  const file = expectationsNamed(name, known)
  if (file === undefined) return unknownExpectations('the service was told of no group by that digest')
  return { policyId: `policy:mica/${name}`, expectations: file.expectations }
}

/** The expectations of a name of the form `sha256:…`. */
export const expectationsNamed = (name: string, known: Known): ExpectationsFile | undefined =>
  name.startsWith('sha256:') ? known.expectations.get(name.slice('sha256:'.length)) : undefined

/** Judges evidence that answers `nonce`. No bytes make it throw. */
export function appraise(
  evidence: Uint8Array,
  form: EvidenceForm,
  nonce: Uint8Array,
  yardstick: Yardstick,
  known: Known,
  options: AppraisalOptions,
): Verdict {
  const common = { ...options, trustAnchors: known.trustAnchors, endorsements: known.endorsements }
  const challenge = challengeOf(nonce)
  const { expectations } = yardstick
  if (expectations !== undefined) return verify(evidence, { ...common, challenge, expectations })
  const bytes = form === 'token' ? evidence : readEvidence(evidence).bytes
  return verifyToken(bytes, { ...common, challenge, expectations: {} })
}

/** A nonce as attesters put it into a challenge: followed by zeroes. */
function challengeOf(nonce: Uint8Array): Uint8Array {
  const challenge = new Uint8Array(CHALLENGE_LENGTH)
  challenge.set(nonce)
  return challenge
}

/** What a result says beside the verdict. */
export interface ResultFacts {
  /** The appraisal: `jti` of the result, and the log's name for it. */
  readonly id: string
  readonly nonce: Uint8Array
  readonly policyId: string
  readonly form: EarForm
}

/** The signed attestation result of a verdict. */
export function resultOf(verdict: Verdict, facts: ResultFacts, signer: Signer): Promise<string> {
  const { id, nonce, policyId, form } = facts
  const claims = earOf(verdict, { verifier: signer.verifier, issuedAt: new Date(), nonce, policyId, form })
  return signEar({ ...claims, jti: id }, signer.key)
}
