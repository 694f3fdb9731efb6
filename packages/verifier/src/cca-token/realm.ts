import { type Finding, finding, shown } from '../findings.ts'
import { type ClaimsMap, ClaimsReader, DIGEST_LENGTH, DIGEST_LENGTHS } from './claims.ts'
import { UEID_RAND } from './platform.ts'
import { type Generation, realmGeneration } from './profile.ts'

/** What every statement signed with the Realm attestation key carries: a Realm token, or a group report. */
export interface RealmStatement {
  readonly challenge: Uint8Array
  /** The key exactly as received: the platform's binding is a hash over these bytes. */
  readonly rakBytes: Uint8Array
  readonly rakHashAlgorithm: string
}

/** The claims of a Realm token (draft-ffm-rats-cca-token, section 4.6; RMM 1.0, section A7). */
export interface RealmClaims extends RealmStatement {
  readonly profile?: string | undefined
  readonly generation: Generation
  /** Distinguishes Realms that are equal in everything else; only RMM 2.0 gives one. */
  readonly instanceId?: Uint8Array | undefined
  readonly rpv: Uint8Array
  readonly hashAlgorithm: string
  readonly rim: Uint8Array
  readonly rems: readonly Uint8Array[]
  readonly mecPolicy?: 'shared' | 'private' | undefined
  /** Whether firmware may be activated while the Realm lives. */
  readonly liveActivationAllowed?: boolean | undefined
  /** Hash of the devices token; there exactly when devices are attached. */
  readonly devicesDigest?: Uint8Array | undefined
  /** Digest of the Mica policy that the RMM enforces on this Realm. */
  readonly policyDigest?: Uint8Array | undefined
}

// Labels, sizes and obligations: the Realm claims table of the draft.
const CHALLENGE = 10
const PROFILE = 265
const INSTANCE_ID = 256
const RPV = 44235
const HASH_ALGORITHM = 44236
const RAK = 44237
const RIM = 44238
const REMS = 44239
const RAK_HASH_ALGORITHM = 44240
const MEC_POLICY = 44243
const LIVE_ACTIVATION_POLICY = 44244
const DEVICES_DIGEST = 44257
const POLICY_DIGEST = -75009

const REM_COUNT = 4

/** Integers in the current draft and in firmware, text in the one before. */
const MEC_POLICIES: ReadonlyMap<unknown, 'shared' | 'private'> = new Map<unknown, 'shared' | 'private'>([
  [0, 'shared'],
  [1, 'private'],
  ['shared', 'shared'],
  ['private', 'private'],
])

/** Reads the claims that any statement under the Realm attestation key has. */
export function readRealmStatement(reader: ClaimsReader): RealmStatement {
  return {
    challenge: reader.bytes(CHALLENGE, [64]),
    rakBytes: reader.bytes(RAK),
    rakHashAlgorithm: reader.hashAlgorithm(RAK_HASH_ALGORITHM),
  }
}

/** The profile claim of a statement; `undefined` when it is absent or no text. */
export function realmProfile(map: ClaimsMap): string | undefined {
  const profile = map.get(PROFILE)
  return typeof profile === 'string' ? profile : undefined
}

/** Reads Realm claims by their own profile. @returns The claims, or `profile` or every `claims` finding. */
export function decodeRealmClaims(map: ClaimsMap): RealmClaims | readonly Finding[] {
  const reader = new ClaimsReader('realm', map)
  const profile = reader.optionalText(PROFILE)
  if (reader.findings.length > 0) return reader.findings
  const generation = realmGeneration(profile)
  if (generation === undefined) {
    return [finding('profile', `unknown Realm profile \`${shown(profile ?? '')}\``, { claim: `realm ${PROFILE}` })]
  }
  const recent = generation === '2024' || generation === '2026'
  const { challenge, rakBytes, rakHashAlgorithm } = readRealmStatement(reader)
  // Member by member: an object that is spread first is a slow one ever after.
  const claims: RealmClaims = {
    challenge,
    rakBytes,
    rakHashAlgorithm,
    profile,
    generation,
    instanceId: recent || reader.has(INSTANCE_ID) ? instanceId(reader) : undefined,
    rpv: reader.bytes(RPV, [64]),
    hashAlgorithm: reader.hashAlgorithm(HASH_ALGORITHM),
    rim: reader.bytes(RIM, DIGEST_LENGTHS),
    rems: reader.digests(REMS, REM_COUNT),
    mecPolicy: recent || reader.has(MEC_POLICY) ? mecPolicy(reader) : undefined,
    liveActivationAllowed:
      recent && reader.has(LIVE_ACTIVATION_POLICY) ? reader.uint(LIVE_ACTIVATION_POLICY, 1) === 1 : undefined,
    devicesDigest: recent && reader.has(DEVICES_DIGEST) ? reader.bytes(DEVICES_DIGEST, DIGEST_LENGTHS) : undefined,
    policyDigest: reader.has(POLICY_DIGEST) ? reader.bytes(POLICY_DIGEST, [32, 64]) : undefined,
  }
  return reader.findings.length > 0 ? reader.findings : claims
}

function instanceId(reader: ClaimsReader): Uint8Array {
  const id = reader.bytes(INSTANCE_ID, [33])
  if (id.length === 33 && id[0] !== UEID_RAND) reader.refuse(INSTANCE_ID, 'not a UEID of type RAND')
  return id
}

function mecPolicy(reader: ClaimsReader): 'shared' | 'private' | undefined {
  const value = reader.value(MEC_POLICY)
  const policy = MEC_POLICIES.get(value)
  if (value !== undefined && policy === undefined) reader.refuse(MEC_POLICY, 'neither shared nor private')
  return policy
}

/**
 * Compares the sizes of the measurements with the algorithm that the token names. Apart from the claims' syntax,
 * because several published tokens that everyone accepts name SHA-256 over 64-byte values.
 */
export function checkDigestLengths(claims: RealmClaims): Finding | undefined {
  const length = DIGEST_LENGTH.get(claims.hashAlgorithm)
  const odd = [claims.rim, ...claims.rems].find((digest) => digest.length !== length)
  if (odd === undefined) return undefined
  const detail = `measurements of ${odd.length} bytes under ${claims.hashAlgorithm}`
  return finding('digest-length', detail, { claim: `realm ${HASH_ALGORITHM}` })
}
