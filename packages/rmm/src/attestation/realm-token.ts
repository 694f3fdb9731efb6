import { type CborKey, type CborValue, encodeCborInGivenOrder } from '@mica/policy/cbor'
import { RMI_HASH_SHA_256 } from '../abi/index.ts'
import type { Realm } from '../realm/realm.ts'
import { RAK_HASH_ALGORITHM } from './attester.ts'
import { CLAIM, REALM_PROFILE } from './claims.ts'

/** The name that claims use for a Realm's hash algorithm. */
export function hashAlgorithmName(realm: Realm): 'sha-256' | 'sha-512' {
  return realm.identity.hashAlgorithm === RMI_HASH_SHA_256 ? 'sha-256' : 'sha-512'
}

/** The claims of a Realm token as they are now, in the order in which RMM 1.0 firmware emits them. */
export function realmClaims(realm: Realm, challenge: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const claims = new Map<CborKey, CborValue>([
    [CLAIM.challenge, challenge],
    [CLAIM.realmPersonalizationValue, realm.identity.rpv],
    [CLAIM.realmPublicKey, publicKey],
    [CLAIM.realmHashAlgorithm, hashAlgorithmName(realm)],
    [CLAIM.realmPublicKeyHashAlgorithm, RAK_HASH_ALGORITHM],
    [CLAIM.profile, REALM_PROFILE],
    [CLAIM.realmInitialMeasurement, realm.rim],
    [CLAIM.realmExtensibleMeasurements, realm.rems],
  ])
  if (realm.policy !== undefined) claims.set(CLAIM.micaPolicyDigest, realm.policy.digest)
  return encodeCborInGivenOrder(claims)
}
