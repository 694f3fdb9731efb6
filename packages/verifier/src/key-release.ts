import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke'
import { equalBytes, isZero } from './bytes.ts'
import { decodeX25519Key } from './cose/key.ts'
import { type Finding, finding, shown } from './findings.ts'
import type { GroupExpectations } from './group/expectations.ts'
import type { VerificationOptions } from './options.ts'
import type { GroupEvidenceClaims, Verdict } from './verdict.ts'
import { verify } from './verify.ts'

/** The one Realm that a secret is registered for: a member of the group, and the requester of the report. */
export interface Recipient {
  /** Name that the member's own policy gives it. */
  readonly peer: string
  readonly rim: Uint8Array
  /** 64 bytes; absent: none, which evidence spells as zeroes. */
  readonly rpv?: Uint8Array | undefined
}

/** A secret, and everything that has to hold before anybody gets it. The challenge is not among it: it is recomputed. */
export interface KeyReleaseRequest extends Omit<VerificationOptions<GroupExpectations>, 'challenge'> {
  readonly evidence: Uint8Array
  /** The session's nonce, minted by the verifier, used once. At least 16 bytes. */
  readonly nonce: Uint8Array
  /** The recipient's X25519 public key as an encoded COSE_Key, as it came with the evidence. */
  readonly recipientKey: Uint8Array
  readonly recipient: Recipient
  readonly secret: Uint8Array
}

/** The outcome: the secret, readable by the recipient's key alone and in this session alone; or nothing. */
export type KeyRelease =
  | {
      readonly kind: 'released'
      readonly encapsulatedSecret: Uint8Array
      readonly ciphertext: Uint8Array
      readonly verdict: Verdict<GroupEvidenceClaims>
    }
  | { readonly kind: 'withheld'; readonly findings: readonly Finding[]; readonly verdict: Verdict<GroupEvidenceClaims> }

const LABEL = utf8ToBytes('mica-key-release-1')
const MINIMUM_NONCE_LENGTH = 16

/**
 * The challenge that binds a session and a key: SHA-512("mica-key-release-1" | nonce | COSE_Key bytes).
 *
 * @param nonce At least 16 bytes; a shorter one is a mistake of the caller and throws `RangeError`.
 */
export function keyReleaseChallenge(nonce: Uint8Array, recipientKey: Uint8Array): Uint8Array {
  if (nonce.length < MINIMUM_NONCE_LENGTH) throw new RangeError(`a nonce has at least ${MINIMUM_NONCE_LENGTH} bytes`)
  return sha512(concatBytes(LABEL, nonce, recipientKey))
}

/**
 * Releases a secret to the one Realm it is registered for, if group evidence shows that Realm asking from within the
 * expected group. Anyone else's evidence, however good, gets nothing.
 *
 * @returns `withheld` with, in order: `recipient-key`; the findings of {@link verify}, where a key or nonce of another
 *   session shows as `freshness`; `not-the-recipient`.
 */
export async function releaseKey(request: KeyReleaseRequest): Promise<KeyRelease> {
  const { evidence, nonce, recipientKey, recipient, secret, ...options } = request
  const verdict = verify(evidence, { ...options, challenge: keyReleaseChallenge(nonce, recipientKey) })
  const withheld = (findings: readonly Finding[]): KeyRelease => ({ kind: 'withheld', findings, verdict })

  const publicKey = decodeX25519Key(recipientKey)
  if (publicKey === undefined)
    return withheld([finding('recipient-key', 'the key is not an X25519 key in its one encoding')])
  if (verdict.kind === 'rejected') return withheld(verdict.findings)
  const stranger = checkRecipient(verdict.claims, recipient)
  if (stranger !== undefined) return withheld([stranger])

  const sealed = await seal(publicKey, nonce, secret)
  if (sealed === undefined)
    return withheld([finding('recipient-key', 'the key is a point that no secret can be sealed to')])
  return { kind: 'released', ...sealed, verdict }
}

function checkRecipient(claims: GroupEvidenceClaims, recipient: Recipient): Finding | undefined {
  // INVARIANT: an accepted verdict has a requester among its members.
  const requester = claims.group.members[claims.group.requester]!
  const { rpv } = recipient
  const sameRpv = rpv === undefined ? isZero(requester.rpv) : equalBytes(rpv, requester.rpv)
  if (requester.peer === recipient.peer && equalBytes(requester.rim, recipient.rim) && sameRpv) return undefined
  const detail = `the report was asked for by \`${shown(requester.peer)}\`, the secret is for \`${shown(recipient.peer)}\``
  return finding('not-the-recipient', detail, { member: requester.label })
}

/** HPKE (RFC 9180) in base mode. `undefined` for the points of low order, which give an all-zero shared secret. */
async function seal(publicKey: Uint8Array, nonce: Uint8Array, secret: Uint8Array) {
  const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM)
  try {
    const key = await suite.DeserializePublicKey(publicKey)
    return await suite.Seal(key, secret, { info: LABEL, aad: nonce })
  } catch {
    return undefined
  }
}
