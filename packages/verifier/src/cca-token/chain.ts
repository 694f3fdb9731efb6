import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { equalBytes, toHex } from '../bytes.ts'
import { decodeRealmAttestationKey, keyFromJwk } from '../cose/key.ts'
import { type Sign1, signedBytes } from '../cose/sign1.ts'
import { ALGORITHM_CURVE, type SignatureVerifier } from '../cose/signature.ts'
import { findTrustAnchor, type TrustAnchor } from '../endorsements/trust-anchors.ts'
import { type Finding, finding } from '../findings.ts'
import type { PlatformClaims } from './platform.ts'
import type { RealmStatement } from './realm.ts'

/** Everything the chain from a trust anchor to a statement under the Realm attestation key is made of. */
export interface ChainInput {
  readonly platformSign1: Sign1
  readonly platform: PlatformClaims
  readonly realmSign1: Sign1
  readonly statement: RealmStatement
  readonly trustAnchors: readonly TrustAnchor[]
  /** 64 bytes. */
  readonly challenge: Uint8Array
  readonly signatures: SignatureVerifier
  /** `all` takes every step that can be taken; otherwise the first failure is the last step. */
  readonly diagnostics: 'first' | 'all' | undefined
}

/** What walking the chain gives. The anchor is there whenever one matches, whether or not it verifies anything. */
export interface ChainResult {
  readonly trustAnchor: TrustAnchor | undefined
  readonly rakForm: 'raw' | 'cose-key' | undefined
  readonly findings: readonly Finding[]
}

const HASH: Readonly<Record<string, (data: Uint8Array) => Uint8Array>> = {
  'sha-256': sha256,
  'sha-384': sha384,
  'sha-512': sha512,
}

/**
 * Walks from the trust anchor to the Realm's statement: steps 6 to 11 of verification. The steps keep
 * their order, whatever they cost: the first failure is the verdict.
 *
 * @returns Findings in the order `no-trust-anchor`, `revoked`, `alg-key-mismatch`, `platform-signature`, `rak`,
 *   `realm-signature`, `binding`, `freshness`.
 */
export function verifyChain(input: ChainInput): ChainResult {
  const { platform, statement } = input
  const trustAnchor = findTrustAnchor(input.trustAnchors, platform.implementationId, platform.instanceId)
  const rak = decodeRealmAttestationKey(statement.rakBytes)
  const steps = [
    () => (trustAnchor === undefined ? [noTrustAnchor(platform)] : checkPlatformSignature(input, trustAnchor)),
    () => checkRealmSignature(input, rak),
    () => checkBinding(platform, statement),
    () => checkFreshness(statement, input.challenge),
  ]
  const findings: Finding[] = []
  for (const step of steps) {
    findings.push(...step())
    if (findings.length > 0 && input.diagnostics !== 'all') break
  }
  return { trustAnchor, rakForm: rak.kind === 'key' ? rak.form : undefined, findings }
}

function noTrustAnchor(platform: PlatformClaims): Finding {
  const who = `implementation ${toHex(platform.implementationId)}, instance ${toHex(platform.instanceId)}`
  return finding('no-trust-anchor', `no trust anchor for ${who}`, { claim: 'platform 2396, 256' })
}

function checkPlatformSignature(input: ChainInput, anchor: TrustAnchor): Finding[] {
  const findings: Finding[] = []
  if (anchor.revoked === true) findings.push(finding('revoked', `trust anchor \`${anchor.name}\` is revoked`))
  const { algorithm, signature } = input.platformSign1
  const key = keyFromJwk(anchor.key)
  if (key === undefined || key.curve !== ALGORITHM_CURVE[algorithm]) {
    return [
      ...findings,
      finding(
        'alg-key-mismatch',
        `the platform token is signed with ${algorithm}, its trust anchor is of ${anchor.key.crv}`,
      ),
    ]
  }
  if (!input.signatures.verify(algorithm, key, signedBytes(input.platformSign1), signature)) {
    findings.push(
      finding('platform-signature', 'the platform token is not signed by its trust anchor', { claim: 'platform' }),
    )
  }
  return findings
}

function checkRealmSignature(input: ChainInput, rak: ReturnType<typeof decodeRealmAttestationKey>): Finding[] {
  const refuse = (reason: string): Finding[] => [
    finding('rak', `Realm attestation key: ${reason}`, { claim: 'realm 44237' }),
  ]
  if (rak.kind === 'refused') return refuse(rak.reason)
  const { algorithm, signature } = input.realmSign1
  if (rak.key.curve !== ALGORITHM_CURVE[algorithm])
    return refuse(`of ${rak.key.curve}, but the token is signed with ${algorithm}`)
  if (!input.signatures.isOnCurve(rak.key)) return refuse(`not a point of ${rak.key.curve}`)
  if (input.signatures.verify(algorithm, rak.key, signedBytes(input.realmSign1), signature)) return []
  return [finding('realm-signature', 'the Realm token is not signed by the key inside it', { claim: 'realm' })]
}

function checkBinding(platform: PlatformClaims, statement: RealmStatement): Finding[] {
  // INVARIANT: claims decoding admits only the names in this table.
  const expected = HASH[statement.rakHashAlgorithm]!(statement.rakBytes)
  if (equalBytes(platform.binding, expected)) return []
  const claim = `platform ${platform.bindingLabel}`
  return [
    finding('binding', `the platform does not vouch for this Realm attestation key (${statement.rakHashAlgorithm})`, {
      claim,
    }),
  ]
}

function checkFreshness(statement: RealmStatement, challenge: Uint8Array): Finding[] {
  if (equalBytes(statement.challenge, challenge)) return []
  const detail =
    challenge.length === 0
      ? 'no challenge was sent, so nothing says when the evidence was made'
      : 'the challenge in the evidence is not the one that was sent'
  return [finding('freshness', detail, { claim: 'realm 10' })]
}
