import {
  ATTEST_GROUP_DISCLOSABLE,
  decodeRsiHostCall,
  decodeRsiMicaPolicyStatus,
  encodeRsiHostCall,
  MICA_ALL_MEMORIES,
  MICA_POLICY_STATUS_SIZE,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_ERROR_STATE,
  RSI_HOST_CALL,
  RSI_HOST_CALL_SIZE,
  RSI_INCOMPLETE,
  RSI_MEASUREMENT_EXTEND,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_POLICY_STATUS,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
  RSI_MICA_TIME,
  RSI_SUCCESS,
  RSI_UPLOAD_POLICY,
  type RsiMicaPolicyStatus,
  rsiStatusName,
} from '@mica/rmm/abi'
import type { GroupEvidenceOptions, HostCall } from '../realm.ts'
import type { Instructions } from './instructions.ts'
import { SCRATCH_BASE } from './memory-map.ts'

const CHALLENGE_SIZE = 64
const GRANULE = 4096

/** The monitor refused a call of this Realm. */
export class RsiError extends Error {
  /** RSI_SUCCESS never; what the call returned in x0. */
  readonly status: bigint

  constructor(call: string, status: bigint, detail = '') {
    super(`${call} returned ${rsiStatusName(status)}${detail}`)
    this.name = 'RsiError'
    this.status = status
  }
}

function call(instructions: Instructions, name: string, x: readonly bigint[]): bigint[] {
  const result = instructions.smc(x)
  const status = result[0] ?? 0n
  if (status !== RSI_SUCCESS) throw new RsiError(name, status)
  return result
}

/**
 * RSI_UPLOAD_POLICY: gives this Realm its policy, for life.
 *
 * @throws RsiError with the monitor's reason when it is refused.
 */
export function uploadPolicy(instructions: Instructions, blob: Uint8Array): void {
  instructions.store(SCRATCH_BASE, blob)
  const [status = 0n, reason = 0n] = instructions.smc([RSI_UPLOAD_POLICY, BigInt(SCRATCH_BASE), BigInt(blob.length)])
  if (status !== RSI_SUCCESS) throw new RsiError('RSI_UPLOAD_POLICY', status, `, reason ${reason}`)
}

/** A CCA token of this Realm: RSI_ATTESTATION_TOKEN_INIT, then CONTINUE until it is complete. */
export function attestationToken(instructions: Instructions, challenge: Uint8Array): Uint8Array {
  return readToken(instructions, RSI_ATTESTATION_TOKEN_INIT, RSI_ATTESTATION_TOKEN_CONTINUE, challenge)
}

/** Evidence of the group that this Realm is in: RSI_ATTEST_TOKEN_INIT_GROUP, then CONTINUE_GROUP until it is complete. */
export function groupEvidence(
  instructions: Instructions,
  challenge: Uint8Array,
  { disclosable = false }: GroupEvidenceOptions = {},
): Uint8Array {
  const flags = disclosable ? ATTEST_GROUP_DISCLOSABLE : 0n
  return readToken(instructions, RSI_ATTEST_TOKEN_INIT_GROUP, RSI_ATTEST_TOKEN_CONTINUE_GROUP, challenge, flags)
}

function readToken(
  instructions: Instructions,
  initFunction: bigint,
  continueFunction: bigint,
  challenge: Uint8Array,
  ...flags: readonly bigint[]
): Uint8Array {
  call(instructions, 'attestation token init', [initFunction, ...words(challenge, CHALLENGE_SIZE), ...flags])
  return readBegun(instructions, continueFunction)
}

function readBegun(instructions: Instructions, continueFunction: bigint): Uint8Array {
  const parts: Uint8Array[] = []
  for (let status = RSI_INCOMPLETE; status === RSI_INCOMPLETE; ) {
    const result = instructions.smc([continueFunction, BigInt(SCRATCH_BASE), 0n, BigInt(GRANULE)])
    status = result[0] ?? 0n
    if (status !== RSI_SUCCESS && status !== RSI_INCOMPLETE) throw new RsiError('attestation token continue', status)
    const written = Number(result[1] ?? 0n)
    // The monitor may answer RSI_INCOMPLETE only to let the host run, with nothing written.
    if (written > 0) parts.push(instructions.load(SCRATCH_BASE, written))
  }
  const token = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    token.set(part, offset)
    offset += part.length
  }
  return token
}

/** RSI_HOST_CALL. */
export function hostCall(instructions: Instructions, request: HostCall): HostCall {
  instructions.store(SCRATCH_BASE, encodeRsiHostCall(request))
  call(instructions, 'RSI_HOST_CALL', [RSI_HOST_CALL, BigInt(SCRATCH_BASE)])
  return decodeRsiHostCall(instructions.load(SCRATCH_BASE, RSI_HOST_CALL_SIZE))
}

/** RSI_MEASUREMENT_EXTEND. `value` has up to 64 bytes. */
export function extendMeasurement(instructions: Instructions, index: number, value: Uint8Array): void {
  const x = [RSI_MEASUREMENT_EXTEND, BigInt(index), BigInt(value.length), ...words(value, 64)]
  call(instructions, 'RSI_MEASUREMENT_EXTEND', x)
}

/** RSI_MICA_TIME: nanoseconds of the machine's clock. */
export function now(instructions: Instructions): bigint {
  return call(instructions, 'RSI_MICA_TIME', [RSI_MICA_TIME])[1] ?? 0n
}

/** RSI_MICA_POLICY_STATUS: what holds of this Realm's policy now. Clears the notifications that it shows. */
export function policyStatus(instructions: Instructions): RsiMicaPolicyStatus {
  call(instructions, 'RSI_MICA_POLICY_STATUS', [RSI_MICA_POLICY_STATUS, BigInt(SCRATCH_BASE)])
  return decodeRsiMicaPolicyStatus(instructions.load(SCRATCH_BASE, MICA_POLICY_STATUS_SIZE))
}

/** What RSI_MICA_CHANNEL_INFO tells of a memory. */
export interface ChannelInfo {
  /** How many others hold it now. */
  readonly others: number
  /** How often this Realm was given credit for it. */
  readonly credits: number
}

/** RSI_MICA_CHANNEL_INFO: who else holds a memory of this Realm's policy; nothing where the policy does not let it ask. */
export function channelInfo(instructions: Instructions, memory: number): ChannelInfo | undefined {
  const [status, , , , others = 0n, credits = 0n] = instructions.smc([RSI_MICA_CHANNEL_INFO, BigInt(memory)])
  return status === RSI_SUCCESS ? { others: Number(others), credits: Number(credits) } : undefined
}

/**
 * RSI_MICA_NOTIFY: wakes those who may read a memory of this Realm's policy.
 *
 * @returns Whether it did: false when the Realm has left, or its policy does not let it.
 */
export function notify(instructions: Instructions, memory: number): boolean {
  return told(instructions, 'RSI_MICA_NOTIFY', [RSI_MICA_NOTIFY, BigInt(memory)])
}

/**
 * RSI_MICA_CREDIT: tells the writer of a paced memory that there is room for more.
 *
 * @returns Whether it was told: false when the last credit is less than a quantum ago, the Realm has left, or its policy
 *   does not let it.
 */
export function giveCredit(instructions: Instructions, memory: number): boolean {
  return told(instructions, 'RSI_MICA_CREDIT', [RSI_MICA_CREDIT, BigInt(memory)])
}

function told(instructions: Instructions, name: string, x: readonly bigint[]): boolean {
  const [status = 0n] = instructions.smc(x)
  if (status !== RSI_SUCCESS && status !== RSI_ERROR_STATE) throw new RsiError(name, status)
  return status === RSI_SUCCESS
}

/** RSI_MICA_LEAVE: gives up access to one memory of this Realm's policy, or to all. */
export function leave(instructions: Instructions, memory?: number): void {
  call(instructions, 'RSI_MICA_LEAVE', [RSI_MICA_LEAVE, memoryOrAll(memory)])
}

/**
 * RSI_MICA_REJOIN: takes the place in one memory, or in all that were left, again.
 *
 * @throws RsiError with the monitor's reason when it is refused.
 */
export function rejoin(instructions: Instructions, memory?: number): void {
  const [status = 0n, reason = 0n] = instructions.smc([RSI_MICA_REJOIN, memoryOrAll(memory)])
  if (status !== RSI_SUCCESS) throw new RsiError('RSI_MICA_REJOIN', status, `, reason ${reason}`)
}

/**
 * RSI_MICA_REVOKE: ends everybody's access to a memory that this Realm owns, for good.
 *
 * @returns The receipt, for a challenge of 64 bytes.
 * @throws RsiError when the Realm is no owner of it, or has left it.
 */
export function revoke(instructions: Instructions, memory: number, challenge: Uint8Array): Uint8Array {
  call(instructions, 'RSI_MICA_REVOKE', [RSI_MICA_REVOKE, BigInt(memory), ...words(challenge, CHALLENGE_SIZE)])
  return readBegun(instructions, RSI_ATTESTATION_TOKEN_CONTINUE)
}

/** RSI_MICA_LEAVE of one memory, whatever comes of it: what a Realm does last. */
export function giveUp(instructions: Instructions, memory: number): void {
  instructions.smc([RSI_MICA_LEAVE, BigInt(memory)])
}

function memoryOrAll(memory: number | undefined): bigint {
  return memory === undefined ? MICA_ALL_MEMORIES : BigInt(memory)
}

/** Bytes in registers: little-endian words of 64 bits, zeroes after the last byte. */
function words(bytes: Uint8Array, size: number): bigint[] {
  if (bytes.length > size) throw new RangeError(`${bytes.length} bytes do not fit into ${size}`)
  const padded = new Uint8Array(size)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  return Array.from({ length: size / 8 }, (_, index) => view.getBigUint64(8 * index, true))
}
