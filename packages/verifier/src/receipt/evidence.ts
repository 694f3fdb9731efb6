import type { HashAlgorithm } from '@mica/policy'
import type { CborValue } from '@mica/policy/cbor'
import { isZero } from '../bytes.ts'
import { type ClaimsMap, ClaimsReader, DIGEST_LENGTH } from '../cca-token/claims.ts'
import { RECEIPT_PROFILE } from '../cca-token/profile.ts'
import { type RealmStatement, readRealmStatement, realmProfile } from '../cca-token/realm.ts'
import { type Finding, finding, shown } from '../findings.ts'
import { PER_REALM_CLAIMS } from '../group/evidence.ts'
import { headAfterRevocation } from './history.ts'

/** A Realm that held the memory until it was revoked, by what a group report names it. */
export interface LostMember {
  readonly rim: Uint8Array
  /** 64 bytes, zeroes for none. */
  readonly rpv: Uint8Array
  readonly hashAlgorithm: HashAlgorithm
  readonly policyDigest: Uint8Array
  /** Index of the memory in its policy. */
  readonly memory: number
  /** Head of its chain just before, and from then on: what reports before and after say of it. */
  readonly headBefore: Uint8Array
  readonly headAfter: Uint8Array
}

/** The claims of a receipt. */
export interface ReceiptStatement extends RealmStatement {
  /** Name of the memory in the owner's policy. */
  readonly memory: string
  readonly granules: number
  /** Everyone who held it; at least the owner. */
  readonly lost: readonly LostMember[]
  /** Index of the member that revoked it. */
  readonly owner: number
}

const PROFILE = 265
const GROUP = -75010
const REQUESTER = -75011
const REVOCATION = -75012

const RPV_LENGTH = 64
/** More granules than there are addresses for, and more memories than any policy has. */
const GRANULES_LIMIT = 2 ** 40
const MEMORY_LIMIT = 0xffff

/**
 * Reads the claims of a receipt.
 * @returns The claims; `profile` when it is another statement; or every `claims` finding.
 */
export function decodeReceipt(map: ClaimsMap): ReceiptStatement | readonly Finding[] {
  const profile = realmProfile(map)
  if (profile !== RECEIPT_PROFILE) {
    const detail = `\`${shown(profile ?? 'no profile')}\` is not the profile of a receipt`
    return [finding('profile', detail, { claim: `realm ${PROFILE}` })]
  }
  const reader = new ClaimsReader('realm', map)
  const statement = readRealmStatement(reader)
  for (const label of [...PER_REALM_CLAIMS, GROUP])
    if (reader.has(label)) reader.refuse(label, 'has no place in a receipt')
  const revocation = readRevocation(reader.value(REVOCATION))
  if (typeof revocation === 'string') reader.refuse(REVOCATION, revocation)
  const members = typeof revocation === 'object' ? revocation.lost.length : 1
  const owner = reader.uint(REQUESTER, members - 1)
  if (typeof revocation !== 'object' || reader.findings.length > 0) return reader.findings
  return { ...statement, ...revocation, owner }
}

type Revocation = Pick<ReceiptStatement, 'memory' | 'granules' | 'lost'>

/** `[name, granules, [+ member]]`; or what is wrong with it. `undefined` if there is none, which is reported already. */
function readRevocation(value: CborValue | undefined): Revocation | string | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length !== 3) return 'not an array of three'
  const [memory, granules, members]: readonly CborValue[] = value
  if (typeof memory !== 'string' || !isUint(granules, GRANULES_LIMIT) || granules === 0) return 'no memory of some size'
  if (!Array.isArray(members) || members.length === 0) return 'nobody lost anything'
  const lost = members.map(readMember)
  const wrong = lost.find((member) => typeof member === 'string')
  if (wrong !== undefined) return wrong
  return { memory, granules, lost: lost.filter((member) => typeof member === 'object') }
}

const isUint = (value: CborValue | undefined, limit: number): value is number =>
  typeof value === 'number' && value >= 0 && value <= limit

function readMember(value: CborValue): LostMember | string {
  if (!Array.isArray(value) || value.length !== 6) return 'a member is not an array of six'
  const [rim, rpv, hashAlgorithm, policyDigest, memory, headBefore]: readonly CborValue[] = value
  if (hashAlgorithm !== 'sha-256' && hashAlgorithm !== 'sha-512') return 'a member has no hash algorithm of Realms'
  const length = DIGEST_LENGTH.get(hashAlgorithm)
  const isDigest = (item: CborValue | undefined): item is Uint8Array =>
    item instanceof Uint8Array && item.length === length
  if (!isDigest(rim) || !isDigest(policyDigest) || !isDigest(headBefore)) return 'a digest is not of its algorithm'
  if (!isUint(memory, MEMORY_LIMIT)) return 'a member has no index of the memory'
  if (rpv !== null && !isPersonalization(rpv)) return 'a personalization value is not 64 bytes other than zeroes'
  const headAfter = headAfterRevocation(hashAlgorithm, headBefore, memory)
  return { rim, rpv: rpv ?? new Uint8Array(RPV_LENGTH), hashAlgorithm, policyDigest, memory, headBefore, headAfter }
}

const isPersonalization = (value: CborValue | undefined): value is Uint8Array =>
  value instanceof Uint8Array && value.length === RPV_LENGTH && !isZero(value)
