import { SIMULATED_ROOT_OF_TRUST } from '@mica/hw-sim'
import {
  type DisclosureEvidenceClaims,
  GROUP_PROFILE,
  GROUP_TREE_PROFILE,
  type GroupEvidenceClaims,
  type GroupExpectations,
  type ReceiptEvidenceClaims,
  type ReceiptExpectations,
  type Verdict,
  verify,
  verifyDisclosure,
  verifyReceipt,
} from '@mica/verifier'
import { RSI_ATTESTATION_TOKEN_CONTINUE } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'

const { name, implementationId, instanceId, cpak, softwareComponents, config } = SIMULATED_ROOT_OF_TRUST

/** Whom a client believes that trusts the simulated machine, and the monitor on it to enforce policies. */
const TRUST = {
  trustAnchors: [{ name, implementationId, instanceId, key: cpak }],
  endorsements: {
    platforms: [
      {
        implementationId,
        config: { value: config },
        components: softwareComponents.map((component) =>
          component.type === 'RMM' ? { ...component, enforces: [GROUP_PROFILE, GROUP_TREE_PROFILE] } : component,
        ),
      },
    ],
    realms: [],
  },
}

/** The 64 bytes that a Realm asks with when it puts `word` into all of its registers. */
export function challengeOf(word: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.from({ length: 8 }, () => word).buffer)
}

/** What the real verifier says of a group report. */
export function judgeReport(
  report: Uint8Array,
  word: bigint,
  expectations: GroupExpectations,
): Verdict<GroupEvidenceClaims> {
  return verify(report, { ...TRUST, challenge: challengeOf(word), expectations })
}

/** What it says of a receipt. */
export function judgeReceipt(
  receipt: Uint8Array,
  word: bigint,
  expectations: ReceiptExpectations = {},
): Verdict<ReceiptEvidenceClaims> {
  return verifyReceipt(receipt, { ...TRUST, challenge: challengeOf(word), expectations })
}

/** What it says of a part of a group report. */
export function judgePart(part: Uint8Array, word: bigint): Verdict<DisclosureEvidenceClaims> {
  return verifyDisclosure(part, { ...TRUST, challenge: challengeOf(word), expectations: {} })
}

/** `accepted`, or the name of the finding that decided. */
export const outcomeOf = (verdict: Verdict): string =>
  verdict.kind === 'accepted' ? 'accepted' : verdict.findings[0]!.name

/** Reads the token or receipt that a Realm has begun; the status of the call if there is none. */
export function readToken(realm: ScriptedRealm): Uint8Array | bigint {
  return realm.perform(function* (cpu) {
    const [status, written] = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)])
    return status === 0n ? yield* cpu.load(RAM, Number(written)) : status!
  }).value!
}
