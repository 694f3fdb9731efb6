import { defaultSignatures } from '#default-signatures'
import type { Finding } from '../findings.ts'
import type { VerificationOptions } from '../options.ts'
import { type ChainResult, verifyChain } from './chain.ts'
import type { ClaimsMap } from './claims.ts'
import { type DecodedToken, decodeToken } from './decode.ts'
import { decodePlatformClaims, type PlatformClaims } from './platform.ts'
import type { RealmStatement } from './realm.ts'

/** Evidence that could be read, and what became of holding it against its signatures. */
export interface OpenedEvidence<Statement extends RealmStatement> extends Pick<DecodedToken, 'beside'> {
  readonly platform: PlatformClaims
  readonly statement: Statement
  /** Its findings say whether anything of the above is to be believed. */
  readonly chain: ChainResult
}

/**
 * Takes evidence apart and walks from the trust anchor to its Realm half: steps 1 to 11 of verification, the same
 * whatever the Realm half states.
 *
 * @param limit Bytes that are looked at.
 * @param decodeStatement Reads the claims of the Realm half, of one profile.
 * @returns The evidence, with the findings of {@link verifyChain}; or what keeps it from being read, in the order
 *   `malformed` … `claims`, `profile`.
 */
export function openEvidence<Statement extends RealmStatement>(
  evidence: Uint8Array,
  limit: number,
  decodeStatement: (map: ClaimsMap) => Statement | readonly Finding[],
  options: VerificationOptions<unknown>,
): OpenedEvidence<Statement> | readonly Finding[] {
  const decoded = decodeToken(evidence, limit)
  if (!('platform' in decoded)) return decoded
  const platform = decodePlatformClaims(decoded.platform.claims)
  const statement = decodeStatement(decoded.realm.claims)
  if (!('profile' in platform)) return [...platform, ...(isRead(statement) ? [] : statement)]
  if (!isRead(statement)) return statement
  const chain = verifyChain({
    platformSign1: decoded.platform.sign1,
    platform,
    realmSign1: decoded.realm.sign1,
    statement,
    trustAnchors: options.trustAnchors,
    challenge: options.challenge,
    signatures: options.signatures ?? defaultSignatures,
    diagnostics: options.diagnostics,
  })
  return { platform, statement, chain, beside: decoded.beside }
}

function isRead<Statement extends RealmStatement>(statement: Statement | readonly Finding[]): statement is Statement {
  return 'rakBytes' in statement
}
