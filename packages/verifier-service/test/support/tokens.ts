import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import type { TrustAnchor } from '@mica/verifier'

/** The test attester of the verifier's own tests: see there. */
interface Attester {
  readonly trustAnchor: TrustAnchor
  platformClaims(): CborValue
  realmClaims(challenge: Uint8Array): CborValue
  sign(half: 'platform' | 'realm', payload: Uint8Array): CborValue
}

// The verifier's tests are no part of this package: they are found when the tests run, not when they are compiled.
const { attester } = await import(new URL('../../../verifier/test/attester.ts', import.meta.url).href)
const realm: Attester = attester()

/** The key that tokens of {@link tokenFor} are vouched for by. */
export const { trustAnchor } = realm

/** As real firmware has it: made once for each start of the machine, and in every token. */
const platform = encodeCbor(realm.sign('platform', encodeCbor(realm.platformClaims())))

/** A token of a Realm that answers `nonce`. No two are the same, as signatures are not. */
export function tokenFor(nonce: Uint8Array): Uint8Array {
  const challenge = new Uint8Array(64)
  challenge.set(nonce)
  const token = encodeCbor(realm.sign('realm', encodeCbor(realm.realmClaims(challenge))))
  const collection = new Map<number, CborValue>([
    [44234, [263, platform]],
    [44241, [263, token]],
  ])
  return encodeCbor({ tag: 907, value: collection })
}
