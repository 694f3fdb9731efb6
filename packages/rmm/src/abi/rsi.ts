/**
 * Function identifiers of the Realm Services Interface (DEN0137 B5.3): what a Realm may ask of the monitor.
 */

/** requested -> lower, higher */
export const RSI_VERSION = 0xc400_0190n
/** index -> value */
export const RSI_FEATURES = 0xc400_0191n
/** index -> value, 8 registers */
export const RSI_MEASUREMENT_READ = 0xc400_0192n
/** index, size, value: 8 registers */
export const RSI_MEASUREMENT_EXTEND = 0xc400_0193n
/** challenge, 8 registers -> upper bound of the token's size */
export const RSI_ATTESTATION_TOKEN_INIT = 0xc400_0194n
/** addr, offset, size -> bytes written */
export const RSI_ATTESTATION_TOKEN_CONTINUE = 0xc400_0195n
/** addr */
export const RSI_REALM_CONFIG = 0xc400_0196n
/** base, top, ripas, flags -> new base, response */
export const RSI_IPA_STATE_SET = 0xc400_0197n
/** base, top -> top, ripas */
export const RSI_IPA_STATE_GET = 0xc400_0198n
/** addr */
export const RSI_HOST_CALL = 0xc400_0199n

/** Mica: ipa, length (0: one granule) -> reason */
export const RSI_UPLOAD_POLICY = 0xc400_01b0n
/** Mica: challenge: 8 registers, flags (0, or {@link ATTEST_GROUP_DISCLOSABLE}) -> upper bound of the group token's size */
export const RSI_ATTEST_TOKEN_INIT_GROUP = 0xc400_01b1n
/** Mica: addr, offset, size -> bytes written */
export const RSI_ATTEST_TOKEN_CONTINUE_GROUP = 0xc400_01b2n
/** Mica: requested -> lower, higher. Discovers the extension. */
export const RSI_MICA_VERSION = 0xc400_01b3n
/** Mica: addr of an RsiMicaPolicyStatus */
export const RSI_MICA_POLICY_STATUS = 0xc400_01b4n
/** Mica: memory -> ipa, size, rights in force, others that hold it, credits received */
export const RSI_MICA_CHANNEL_INFO = 0xc400_01b5n
/** Mica: memory */
export const RSI_MICA_NOTIFY = 0xc400_01b6n
/** Mica: memory */
export const RSI_MICA_CREDIT = 0xc400_01b7n
/** Mica: memory, or {@link MICA_ALL_MEMORIES} */
export const RSI_MICA_LEAVE = 0xc400_01b8n
/** Mica: memory, or {@link MICA_ALL_MEMORIES} -> reason */
export const RSI_MICA_REJOIN = 0xc400_01b9n
/** Mica: memory, challenge: 8 registers -> upper bound of the receipt's size */
export const RSI_MICA_REVOKE = 0xc400_01ban
/** Mica: -> nanoseconds of the machine's clock */
export const RSI_MICA_TIME = 0xc400_01bbn

/** Flag of RSI_ATTEST_TOKEN_INIT_GROUP: the root of a tree is signed, and its holder can show members one by one. */
export const ATTEST_GROUP_DISCLOSABLE = 1n

/** In place of a memory's index: all memories of the caller. */
export const MICA_ALL_MEMORIES: bigint = 2n ** 64n - 1n

/** RsiCommandReturnCode (DEN0137 B5.4.1), in x0. */
export const RSI_SUCCESS = 0n
export const RSI_ERROR_INPUT = 1n
export const RSI_ERROR_STATE = 2n
export const RSI_INCOMPLETE = 3n
export const RSI_ERROR_UNKNOWN = 4n

/** RIPAS as RSI and RMI encode it. */
export const RIPAS_EMPTY = 0
export const RIPAS_RAM = 1
export const RIPAS_DESTROYED = 2

/** RsiResponse: what a host has made of a request to change RIPAS. */
export const RSI_ACCEPT = 0n
export const RSI_REJECT = 1n

const commandNames: ReadonlyMap<bigint, string> = new Map([
  [RSI_VERSION, 'RSI_VERSION'],
  [RSI_FEATURES, 'RSI_FEATURES'],
  [RSI_MEASUREMENT_READ, 'RSI_MEASUREMENT_READ'],
  [RSI_MEASUREMENT_EXTEND, 'RSI_MEASUREMENT_EXTEND'],
  [RSI_ATTESTATION_TOKEN_INIT, 'RSI_ATTESTATION_TOKEN_INIT'],
  [RSI_ATTESTATION_TOKEN_CONTINUE, 'RSI_ATTESTATION_TOKEN_CONTINUE'],
  [RSI_REALM_CONFIG, 'RSI_REALM_CONFIG'],
  [RSI_IPA_STATE_SET, 'RSI_IPA_STATE_SET'],
  [RSI_IPA_STATE_GET, 'RSI_IPA_STATE_GET'],
  [RSI_HOST_CALL, 'RSI_HOST_CALL'],
  [RSI_UPLOAD_POLICY, 'RSI_UPLOAD_POLICY'],
  [RSI_ATTEST_TOKEN_INIT_GROUP, 'RSI_ATTEST_TOKEN_INIT_GROUP'],
  [RSI_ATTEST_TOKEN_CONTINUE_GROUP, 'RSI_ATTEST_TOKEN_CONTINUE_GROUP'],
  [RSI_MICA_VERSION, 'RSI_MICA_VERSION'],
  [RSI_MICA_POLICY_STATUS, 'RSI_MICA_POLICY_STATUS'],
  [RSI_MICA_CHANNEL_INFO, 'RSI_MICA_CHANNEL_INFO'],
  [RSI_MICA_NOTIFY, 'RSI_MICA_NOTIFY'],
  [RSI_MICA_CREDIT, 'RSI_MICA_CREDIT'],
  [RSI_MICA_LEAVE, 'RSI_MICA_LEAVE'],
  [RSI_MICA_REJOIN, 'RSI_MICA_REJOIN'],
  [RSI_MICA_REVOKE, 'RSI_MICA_REVOKE'],
  [RSI_MICA_TIME, 'RSI_MICA_TIME'],
])

/** The specification's name of a function identifier of the Realm's interface, or `undefined`. */
export function rsiCommandName(fid: bigint): string | undefined {
  return commandNames.get(fid)
}

const statusNames = ['RSI_SUCCESS', 'RSI_ERROR_INPUT', 'RSI_ERROR_STATE', 'RSI_INCOMPLETE', 'RSI_ERROR_UNKNOWN']

/** The name of an RSI return code; numbers that the specification does not define are printed as they are. */
export function rsiStatusName(status: bigint): string {
  return statusNames[Number(status)] ?? (status === 2n ** 64n - 1n ? 'SMC_NOT_SUPPORTED' : `RSI status ${status}`)
}
