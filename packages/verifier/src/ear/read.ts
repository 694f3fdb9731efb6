import {
  TRUST_CATEGORIES,
  TRUST_TIERS,
  type TrustTier,
  type TrustVector,
  uniformVector,
  worstTier,
} from '../appraisal/trust-vector.ts'
import { isRecord } from '../json.ts'
import type { VerifierId } from './ear.ts'
import { EAR_PROFILES, type EarNames, VERAISON } from './names.ts'

/** One part of somebody's result: an appraisal, a result within it, or a token that is yet to be verified by itself. */
export type EarPart =
  | {
      readonly kind: 'appraisal'
      readonly name: string
      readonly status: TrustTier
      /** Zero where the result makes no claim. */
      readonly vector: TrustVector
      readonly policyIds: readonly string[]
    }
  | { readonly kind: 'nested'; readonly name: string; readonly ear: Ear }
  | { readonly kind: 'token'; readonly name: string; readonly jwt: string }

/** A result as it was read. Times in seconds since 1970. */
export interface Ear {
  readonly profile: string
  readonly issuedAt: number
  readonly expiresAt?: number | undefined
  readonly verifier: VerifierId
  /** `eat_nonce` as it stands: base64 of one kind or another. */
  readonly nonce?: string | undefined
  readonly parts: readonly EarPart[]
}

/** What reading gives: the result, or one line of what is wrong with it. */
export type EarReading =
  | { readonly kind: 'ear'; readonly ear: Ear }
  | { readonly kind: 'refused'; readonly reason: string }

type Json = Readonly<Record<string, unknown>>

const MAX_NESTING = 4

/** Carries the first refusal out of nested reading. */
interface Refusal {
  readonly refused: string
}
const refuse = (refused: string): Refusal => ({ refused })
const isRefusal = (value: object): value is Refusal => 'refused' in value

/**
 * Reads the claims of a result, unsigned: {@link verifyEar} is what a caller wants who did not make it.
 *
 * A status that is better than its vector is refused: who wrote it did not follow the rules that make it worth anything.
 *
 * @param profiles Names of other profiles to read, which spell their claims as Veraison does.
 */
export function readEar(claims: unknown, profiles: readonly string[] = []): EarReading {
  const ear = earAt(claims, profiles, 0)
  return isRefusal(ear) ? { kind: 'refused', reason: ear.refused } : { kind: 'ear', ear }
}

function earAt(claims: unknown, profiles: readonly string[], depth: number): Ear | Refusal {
  if (!isRecord(claims)) return refuse('a result is a JSON object')
  const { profile, iat, exp, nonce } = {
    profile: claims['eat_profile'],
    iat: claims['iat'],
    exp: claims['exp'],
    nonce: claims['eat_nonce'],
  }
  if (typeof profile !== 'string') return refuse('`eat_profile` is missing')
  const names = EAR_PROFILES.get(profile) ?? (profiles.includes(profile) ? VERAISON : undefined)
  if (names === undefined) return refuse('`eat_profile` is unknown')
  if (typeof iat !== 'number' || (exp !== undefined && typeof exp !== 'number'))
    return refuse('`iat` or `exp` is no number')
  if (nonce !== undefined && typeof nonce !== 'string') return refuse('`eat_nonce` is no text')
  const verifier = verifierId(claims[names.verifierId])
  if (verifier === undefined) return refuse(`\`${names.verifierId}\` does not name a developer and a build`)
  const submods = claims['submods']
  if (!isRecord(submods) || Object.keys(submods).length === 0) return refuse('`submods` is empty or missing')
  const parts: EarPart[] = []
  for (const [name, value] of Object.entries(submods)) {
    const part = partAt(name, value, names, profiles, depth)
    if (isRefusal(part)) return part
    parts.push(part)
  }
  return { profile, issuedAt: iat, expiresAt: exp, verifier, nonce, parts }
}

function verifierId(value: unknown): VerifierId | undefined {
  if (!isRecord(value)) return undefined
  const [developer, build] = [value['developer'], value['build']]
  return typeof developer === 'string' && typeof build === 'string' ? { developer, build } : undefined
}

function partAt(
  name: string,
  value: unknown,
  names: EarNames,
  profiles: readonly string[],
  depth: number,
): EarPart | Refusal {
  if (Array.isArray(value)) {
    const [type, jwt]: unknown[] = value
    const right = value.length === 2 && type === 'JWT' && typeof jwt === 'string'
    return right ? { kind: 'token', name, jwt } : refuse('a submodule is a list, and no nested JWT')
  }
  if (!isRecord(value)) return refuse('a submodule is no object')
  if ('eat_profile' in value) {
    if (depth >= MAX_NESTING) return refuse('results are nested too deep')
    const ear = earAt(value, profiles, depth + 1)
    return isRefusal(ear) ? ear : { kind: 'nested', name, ear }
  }
  return appraisalAt(name, value, names)
}

function appraisalAt(name: string, value: Json, names: EarNames): EarPart | Refusal {
  const status = TRUST_TIERS.find((tier) => tier === value[names.status])
  if (status === undefined) return refuse(`\`${names.status}\` is no status`)
  const vector = vectorOf(value[names.vector])
  if (vector === undefined) return refuse(`\`${names.vector}\` is no trustworthiness vector`)
  const worst = worstTier(vector)
  const hides =
    (worst === 'warning' || worst === 'contraindicated') && TRUST_TIERS.indexOf(status) < TRUST_TIERS.indexOf(worst)
  if (hides) return refuse(`status ${status} is better than the vector, which is ${worst}`)
  const policy = value[names.policy]
  const policyIds = Array.isArray(policy) ? policy : policy === undefined ? [] : [policy]
  if (!policyIds.every((id) => typeof id === 'string')) return refuse(`\`${names.policy}\` names no policy`)
  return { kind: 'appraisal', name, status, vector, policyIds }
}

function vectorOf(value: unknown): TrustVector | undefined {
  if (value === undefined) return uniformVector(0)
  if (!isRecord(value)) return undefined
  const known: readonly string[] = TRUST_CATEGORIES
  const valid = Object.entries(value).every(
    ([category, claim]) => known.includes(category) && Number.isInteger(claim) && Math.abs(Number(claim) + 0.5) < 128,
  )
  return valid ? { ...uniformVector(0), ...value } : undefined
}
