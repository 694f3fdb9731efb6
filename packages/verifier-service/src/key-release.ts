import { type FileReading, GROUP_SIZE_LIMIT, type KeyRelease, releaseKey } from '@mica/verifier'
import { type AppraisalOptions, expectationsNamed, resultOf } from './appraisal.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { isRecord } from './json.ts'
import type { Known } from './knowledge.ts'
import { badNonce, type Problem, unknownExpectations, withheld } from './problem.ts'
import { recipientOf, type SecretTerms } from './secret-terms.ts'
import type { Answer } from './sessions.ts'
import type { Signer } from './signer.ts'

/** What a member asks with. */
export interface ReleaseRequest {
  /** Id of the secret. */
  readonly secret: string
  /** The report on its group, for the challenge of this session and its key. */
  readonly evidence: Uint8Array
  /** Its X25519 public key as an encoded COSE_Key. */
  readonly key: Uint8Array
}

/** Bytes of a request: the largest report in base64, and some hundred. */
export const RELEASE_REQUEST_LIMIT: number = Math.ceil(GROUP_SIZE_LIMIT / 3) * 4 + 4096

/** Bytes of a nonce that binds a key: fewer could be met twice. */
const NONCE_MINIMUM = 16

/** Reads `{ "secret": id, "evidence": base64, "key": base64 }`. */
export function readReleaseRequest(json: unknown): FileReading<ReleaseRequest> {
  if (!isRecord(json)) return { kind: 'refused', reason: 'a request is a JSON object' }
  const [secret, evidence, key] = [json['secret'], bytesOf(json['evidence']), bytesOf(json['key'])]
  if (typeof secret !== 'string') return { kind: 'refused', reason: '`secret` is the id of a secret' }
  if (evidence === undefined) return { kind: 'refused', reason: '`evidence` is base64' }
  if (key === undefined) return { kind: 'refused', reason: '`key` is base64' }
  return { kind: 'read', value: { secret, evidence, key } }
}

const bytesOf = (value: unknown): Uint8Array | undefined => (typeof value === 'string' ? fromBase64(value) : undefined)

/** A secret that is asked for, opened, and what has to hold. */
export interface Asked {
  readonly request: ReleaseRequest
  readonly terms: SecretTerms
  readonly secret: Uint8Array
  readonly nonce: Uint8Array
}

/**
 * Releases a secret to the member it is registered for, if its report shows that member within the expected group.
 *
 * @returns The outcome; in order: `nonce` when the session's is too short to bind a key; `expectations` when they were
 *   taken back.
 */
export async function release(asked: Asked, known: Known, options: AppraisalOptions): Promise<KeyRelease | Problem> {
  const { request, terms, secret, nonce } = asked
  if (nonce.length < NONCE_MINIMUM)
    return badNonce(`a secret is asked for with a nonce of ${NONCE_MINIMUM} bytes at least`)
  const file = expectationsNamed(terms.expectations, known)
  if (file === undefined) return unknownExpectations('the expectations that the secret was registered with are gone')
  return await releaseKey({
    ...options,
    trustAnchors: known.trustAnchors,
    endorsements: known.endorsements,
    expectations: file.expectations,
    evidence: request.evidence,
    nonce,
    recipientKey: request.key,
    recipient: recipientOf(terms),
    secret,
  })
}

/** What is answered: the sealed secret and the result of the appraisal, or what was found. */
export async function answerOf(
  outcome: KeyRelease,
  { id, nonce, terms }: { readonly id: string; readonly nonce: Uint8Array; readonly terms: SecretTerms },
  signer: Signer,
): Promise<Answer> {
  if (outcome.kind === 'withheld') return withheld(outcome.findings)
  const facts = { id, nonce, policyId: `policy:mica/${terms.expectations}`, form: 'veraison' } as const
  const result = {
    status: 'released',
    encapsulatedSecret: toBase64(outcome.encapsulatedSecret),
    ciphertext: toBase64(outcome.ciphertext),
    result: await resultOf(outcome.verdict, facts, signer),
  }
  return { result: JSON.stringify(result) }
}
