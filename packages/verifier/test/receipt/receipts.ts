import { createHash } from 'node:crypto'
import { blobDigest, encodeBlob } from '@mica/policy'
import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { RECEIPT_PROFILE, type ReceiptExpectations, type VerificationOptions, verify } from '../../src/index.ts'
import type { GroupEvidenceClaims } from '../../src/verdict.ts'
import { withClaims } from '../attester.ts'
import { a, evidenceOf, groupBytes, options as groupOptions, membersOf, type TestMember } from '../group/pipeline.ts'

/** What a receipt is asked for with: not what the report was. */
export const challenge: Uint8Array = new Uint8Array(64).fill(9)

export const options: VerificationOptions<ReceiptExpectations> = { ...groupOptions, challenge, expectations: {} }

/** The head of a chain of these records: [1, memory] joins, [2, memory] leaves, [3, memory] loses. */
export function chainOf(...records: readonly (readonly [number, number])[]): Uint8Array {
  let head: Uint8Array = new Uint8Array(32)
  for (const record of records) {
    head = Uint8Array.from(
      createHash('sha256')
        .update(head)
        .update(encodeCbor([...record]))
        .digest(),
    )
  }
  return head
}

/** The head of a member that has done nothing since its upload. */
export const uploadedHead = ({ policy }: TestMember): Uint8Array =>
  chainOf(
    ...[...policy.memories.entries()].flatMap(([memory, { kind, mappings }]): [number, number][] =>
      kind === 'protected' && mappings.some(({ peer }) => peer === policy.self) ? [[1, memory]] : [],
    ),
  )

/** The pipeline's members: gate and encoder share `raw`. */
export const [gate, encoder, moderator] = membersOf() as [TestMember, TestMember, TestMember]

/** Index of a memory in the policy of a member. */
export const indexIn = ({ policy }: TestMember, name: string): number =>
  policy.memories.findIndex((memory) => memory.name === name)

/** A receipt by the gate for `raw`, with claims replaced. */
export function receiptOf(
  realm: Readonly<Record<number, CborValue | undefined>> = {},
  platform: Readonly<Record<number, CborValue | undefined>> = {},
): Uint8Array {
  const claims = withClaims(
    new Map<number, CborValue>([
      [10, challenge],
      [265, RECEIPT_PROFILE],
      [44237, a.rakBytes],
      [44240, 'sha-256'],
      [-75012, revocation()],
      [-75011, 0],
    ]),
    realm,
  )
  return a.token(withClaims(a.platformClaims(), platform), claims)
}

/** What is in it: `raw` was lost by these, the gate and the encoder unless said otherwise. */
export const revocation = (members: CborValue[] = [heldRaw(gate), heldRaw(encoder)]): CborValue => ['raw', 64, members]

/** A member that held `raw` when it was revoked; nothing had happened to it unless said otherwise. */
export function heldRaw(member: TestMember, head: Uint8Array = uploadedHead(member)): CborValue {
  const { rim, policy } = member
  return [rim, null, 'sha-256', blobDigest(encodeBlob(policy), 'sha-256'), indexIn(member, 'raw'), head]
}

/** The claims of the pipeline's report, believed. */
export function reportOf(group: Uint8Array = groupBytes(membersOf())): GroupEvidenceClaims {
  const verdict = verify(evidenceOf(group), groupOptions)
  if (verdict.kind !== 'accepted') throw new Error(verdict.findings[0]!.detail)
  return verdict.claims
}
