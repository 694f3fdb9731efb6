import type { EvidenceVerifier } from '@mica/plugins'
import type { GroupExpectations, ReceiptExpectations, VerificationOptions } from '@mica/verifier'
import type { FileVerdict } from './judgement.ts'

/** A report of the group that a receipt is about, with what it has to be judged by. */
export interface ReportFile {
  readonly file: string
  readonly bytes: Uint8Array
  /** The 64 bytes that it was asked for with, earlier than the receipt. */
  readonly challenge: Uint8Array
  readonly expectations: GroupExpectations
}

/**
 * Judges receipts of revocations; with a report, first that. What it does not accept is no context for a receipt, so then
 * the receipts are not looked at.
 *
 * @returns The verdict on the report, if there is one, and on each receipt.
 */
export async function judgeReceipts(
  verifier: EvidenceVerifier,
  receipts: readonly { readonly file: string; readonly bytes: Uint8Array }[],
  report: ReportFile | undefined,
  options: Omit<VerificationOptions<unknown>, 'expectations'>,
): Promise<readonly FileVerdict[]> {
  if (report === undefined) return Promise.all(receipts.map((receipt) => judge(receipt, {})))
  const { file, bytes, challenge, expectations } = report
  const verdict = await verifier.verify(bytes, { ...options, challenge, expectations })
  const earlier: FileVerdict = { file, verdict, challenge }
  if (verdict.kind === 'rejected') return [earlier]
  return [earlier, ...(await Promise.all(receipts.map((receipt) => judge(receipt, { report: verdict.claims }))))]

  async function judge(
    receipt: { readonly file: string; readonly bytes: Uint8Array },
    context: ReceiptExpectations,
  ): Promise<FileVerdict> {
    const judged = await verifier.verifyReceipt(receipt.bytes, { ...options, expectations: context })
    return { file: receipt.file, verdict: judged }
  }
}
