import { FAILED_SUBMODULE, PLATFORM_SUBMODULE, REALM_SUBMODULE } from '../appraisal/submodule.ts'
import { toBase64 } from '../bytes.ts'
import type { PlatformClaims } from '../cca-token/platform.ts'
import type { RealmClaims } from '../cca-token/realm.ts'
import type { Verdict } from '../verdict.ts'

type Annotated = Readonly<Record<string, unknown>>

/**
 * The claims of evidence in the JSON names that the Veraison service annotates a result with, bytes in padded base64.
 * Only for a part whose claims are somebody's word: nothing when the chain to the trust anchor is broken.
 */
export function annotatedEvidence(verdict: Verdict, submodule: string): Annotated | undefined {
  const claims = verdict.kind === 'accepted' ? verdict.claims : verdict.unverified
  if (claims === undefined || submodule === FAILED_SUBMODULE) return undefined
  if (submodule === PLATFORM_SUBMODULE) return platformEvidence(claims.platform)
  return submodule === REALM_SUBMODULE && claims.kind === 'token' ? realmEvidence(claims.realm) : undefined
}

function platformEvidence(platform: PlatformClaims): Annotated {
  const { verificationService } = platform
  return {
    'cca-platform-profile': platform.profile,
    'cca-platform-challenge': toBase64(platform.binding),
    'cca-platform-implementation-id': toBase64(platform.implementationId),
    'cca-platform-instance-id': toBase64(platform.instanceId),
    'cca-platform-config': toBase64(platform.config),
    'cca-platform-lifecycle': platform.lifecycle,
    'cca-platform-sw-components': platform.softwareComponents.map(({ type, version, measurement, signerId }) => ({
      ...(type === undefined ? {} : { 'measurement-type': type }),
      'measurement-value': toBase64(measurement),
      ...(version === undefined ? {} : { version }),
      'signer-id': toBase64(signerId),
    })),
    ...(verificationService === undefined ? {} : { 'cca-platform-service-indicator': verificationService }),
    'cca-platform-hash-algo-id': platform.hashAlgorithm,
  }
}

function realmEvidence(realm: RealmClaims): Annotated {
  return {
    ...(realm.profile === undefined ? {} : { 'cca-realm-profile': realm.profile }),
    'cca-realm-challenge': toBase64(realm.challenge),
    'cca-realm-personalization-value': toBase64(realm.rpv),
    'cca-realm-initial-measurement': toBase64(realm.rim),
    'cca-realm-extensible-measurements': realm.rems.map(toBase64),
    'cca-realm-hash-algo-id': realm.hashAlgorithm,
    'cca-realm-public-key': toBase64(realm.rakBytes),
    'cca-realm-public-key-hash-algo-id': realm.rakHashAlgorithm,
  }
}
