import { type GeneralRegisters, GRANULE_SIZE, granuleOffset } from '@mica/hw-sim'
import { blobDigest, checkSelf, decodeBlob, encodeBlob, isPoly, type PolicyLimits, translatePolyV1 } from '@mica/policy'
import { PSCI_SYSTEM_OFF, RSI_ERROR_INPUT } from '../abi/index.ts'
import { hashAlgorithmName } from '../attestation/realm-token.ts'
import type { Monitor } from '../monitor.ts'
import { endSystem } from '../psci/system-off.ts'
import type { Rec } from '../rec/rec.ts'
import { answer, type CallResult, rsiInputError, rsiStateError, rsiSuccess } from '../rsi/result.ts'
import { findRealmPage, type RealmPage } from '../rtt/realm-memory.ts'
import { checkAdmission } from './admission.ts'
import { claimMemories } from './claimed-memories.ts'
import { type AcceptedPolicy, commitPolicy } from './commit.ts'
import { emitRefused } from './event.ts'
import { unprotectedRanges } from './frozen-policy.ts'
import { type Refusal, refuse, refuseFact } from './refusal.ts'
import { identityOf, type MicaRealm, type MicaState } from './state.ts'
import { findExcess } from './unprotected.ts'

/** RmiRealmParams.flags bit 63: a refused policy ends the Realm, as in the paper. */
const END_ON_REFUSAL = 1n << 63n

/**
 * Submits the policy at x1, x2 bytes long (0: one granule), to be in force for the rest of the Realm's life: a blob of
 * format 2, or `POLY` v1, which is translated to it. Everything is validated before anything changes, and a refusal leaves
 * no trace but its count.
 *
 * @returns In order: `RSI_ERROR_STATE` if the Realm has a policy, has had too many refused, or another of its RECs runs
 *   or waits for the host; `RSI_ERROR_INPUT` with reason 0 if the blob is not in memory of the Realm; `RSI_ERROR_INPUT`
 *   with the number of the rule in x1 if it is refused; otherwise `RSI_SUCCESS`.
 */
export function uploadPolicy(state: MicaState, monitor: Monitor, rec: Rec, x: GeneralRegisters): CallResult {
  const { realm } = rec
  const refusals = state.find(realm)?.refusals ?? 0
  if (realm.policy !== undefined || refusals >= state.limits.refusals) return rsiStateError()
  if (isBusyElsewhere(monitor, rec)) return rsiStateError()
  const length = x[2] === 0n ? GRANULE_SIZE : Number(x[2])
  const limit = state.limits.policy.blobBytes
  if (length > limit) return refused(monitor, rec, state.of(realm), refuse(1, 'blob-too-long', { length, limit }))
  const blob = copyOut(monitor, rec, Number(x[1]), length)
  if (!(blob instanceof Uint8Array)) return blob.kind === 'fault' ? blob : rsiInputError()

  const member = state.of(realm)
  const verdict = validate(monitor, member, blob, state.limits.policy)
  if ('step' in verdict) return refused(monitor, rec, member, verdict)
  commitPolicy(monitor, member, verdict)
  return rsiSuccess()
}

/** Whether another PE is in this Realm, or a request of another REC is with the host: its answer would come too late. */
function isBusyElsewhere(monitor: Monitor, rec: Rec): boolean {
  for (const other of monitor.recs.values()) {
    if (other === rec || other.realm !== rec.realm) continue
    if (other.running || other.pending.kind !== 'none' || other.lastAbort !== undefined) return true
  }
  return false
}

/** Copies a byte range out of the Realm's memory, once; or says of the first page that is not there why. */
function copyOut(
  monitor: Monitor,
  rec: Rec,
  ipa: number,
  length: number,
): Uint8Array | Exclude<RealmPage, { kind: 'ram' }> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const at = ipa + done
    const page = findRealmPage(monitor.memory, rec.realm, at - granuleOffset(at))
    if (page.kind !== 'ram') return page
    const part = monitor.memory.granuleBytes(page.granule).subarray(granuleOffset(at))
    bytes.set(part.subarray(0, length - done), done)
    done += part.length
  }
  return bytes
}

/** Steps 1 to 7: everything that can be wrong, and no effect. */
function validate(
  monitor: Monitor,
  member: MicaRealm,
  uploaded: Uint8Array,
  limits: PolicyLimits,
): AcceptedPolicy | Refusal {
  const { realm } = member
  const isPolyV1 = isPoly(uploaded)
  const decoded = isPolyV1 ? translatePolyV1(uploaded, limits) : decodeBlob(uploaded, limits)
  if (decoded.kind === 'refused') return refuseFact(1, decoded.fact)
  const { policy } = decoded
  // Format 2 is what is kept, measured and reported, in whatever form the policy came.
  const blob = isPolyV1 ? encodeBlob(policy) : uploaded
  if (blob.length > member.pds.length * GRANULE_SIZE) {
    return refuse(1, 'policy-granules-missing', { length: blob.length, granules: member.pds.length })
  }
  const identity = identityOf(realm)
  const fact = checkSelf(policy, identity)
  if (fact !== undefined) return refuseFact(2, fact)
  if (realm.rems[0]!.some((byte) => byte !== 0)) return refuse(2, 'measured-before')
  const unprotected = unprotectedRanges(policy, realm)
  const outside = unprotected.find(({ base, size }) => base + size > realm.ipaLimit)
  if (outside !== undefined) {
    return refuse(3, 'memory-outside-realm', { memory: policy.memories[outside.memory]!.name })
  }
  const excess = findExcess(monitor, realm, unprotected)
  const claimed = claimMemories(member, policy)
  if ('step' in claimed) return claimed
  const refusal = checkAdmission(member, { policy, identity }, claimed)
  if (refusal !== undefined) return refusal
  const digest = blobDigest(blob, hashAlgorithmName(realm))
  return { policy, identity, blob, digest, unprotected, excess, claimed }
}

function refused(monitor: Monitor, rec: Rec, member: MicaRealm, refusal: Refusal): CallResult {
  member.refusals++
  emitRefused(monitor, rec.realm, refusal)
  if ((rec.realm.identity.flags & END_ON_REFUSAL) !== 0n) return endSystem(monitor, rec.realm, PSCI_SYSTEM_OFF)
  return answer(RSI_ERROR_INPUT, BigInt(refusal.number))
}
