import { type CborKey, type CborValue, encodeCbor, encodeCborInGivenOrder } from '@mica/policy/cbor'
import { RAK_HASH_ALGORITHM } from '../attestation/attester.ts'
import { CLAIM, REVOCATION_PROFILE } from '../attestation/claims.ts'
import { hashAlgorithmName } from '../attestation/realm-token.ts'
import { hexBytes } from '../event-text.ts'
import type { Holder, MicaRealm } from './state.ts'

/** Those who lose a memory, encoded, in an order in which nothing shows who came first; and which of them ends it. */
export interface LostHolders {
  readonly holders: readonly CborValue[]
  readonly owner: number
}

/**
 * What a receipt says of those who hold a memory now: by what a report names them, `[RIM, RPV or null, hash algorithm, policy
 * digest, index of the memory in that policy, head of the history]`. The head is that of a report at this moment, so that a
 * reader can tell whether anything has happened since one; the head from then on follows from it.
 */
export function describeHolders(holders: readonly Holder[], owner: MicaRealm): LostHolders {
  const described = holders.map(({ member, memory }) => {
    const value = describeHolder(member, memory)
    return { value, member, key: hexBytes(encodeCbor(value)) }
  })
  described.sort((a, b) => (a.key < b.key ? -1 : 1))
  return {
    holders: described.map(({ value }) => value),
    owner: described.findIndex(({ member }) => member === owner),
  }
}

function describeHolder({ realm, frozen, history }: MicaRealm, memory: number): CborValue {
  const { rpv } = realm.identity
  const isReplica = rpv.some((byte) => byte !== 0)
  return [realm.rim, isReplica ? rpv : null, hashAlgorithmName(realm), frozen!.digest, memory, history.head]
}

/** The claims of a receipt. No address is among them. */
export function receiptClaims(of: {
  readonly challenge: Uint8Array
  readonly publicKey: Uint8Array
  /** Name of the memory in the owner's policy. */
  readonly name: string
  readonly granules: number
  readonly lost: LostHolders
}): Uint8Array {
  const claims = new Map<CborKey, CborValue>([
    [CLAIM.challenge, of.challenge],
    [CLAIM.profile, REVOCATION_PROFILE],
    [CLAIM.realmPublicKey, of.publicKey],
    [CLAIM.realmPublicKeyHashAlgorithm, RAK_HASH_ALGORITHM],
    [CLAIM.micaRevocation, [of.name, of.granules, of.lost.holders]],
    [CLAIM.micaRequester, of.lost.owner],
  ])
  return encodeCborInGivenOrder(claims)
}
