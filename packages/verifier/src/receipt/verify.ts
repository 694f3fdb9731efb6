import { appraiseFirmware } from '../appraisal/firmware.ts'
import { type Submodule, submodule } from '../appraisal/submodule.ts'
import { TRUST, uniformVector } from '../appraisal/trust-vector.ts'
import { openEvidence } from '../cca-token/open.ts'
import type { Finding } from '../findings.ts'
import { GROUP_SIZE_LIMIT } from '../group/evidence.ts'
import type { VerificationOptions } from '../options.ts'
import { conclude, type ReceiptEvidenceClaims, type Verdict } from '../verdict.ts'
import { appraiseReceipt, type ReceiptClaims, type ReceiptExpectations } from './appraise.ts'
import { decodeReceipt } from './evidence.ts'

/** What a receipt amounts to. */
export const RECEIPT_SUBMODULE = 'MICA_RECEIPT'

/**
 * Verifies the receipt of a revocation: that the monitor ended everybody's access to a memory, because an owner asked it
 * to with this challenge; and, with a report, whose access that was.
 *
 * Every input yields a verdict; nothing in `evidence` makes this throw. Tokens of Realms and reports of groups are refused
 * (`profile`): they say nothing of what has ended.
 *
 * @returns The verdict. Failures in the order of the stages: envelope and syntax (`malformed` … `claims`, `profile`),
 *   trust and signatures (`no-trust-anchor` … `freshness`), the platform (`lifecycle` … `rmm-not-known-to-enforce`),
 *   then those of {@link appraiseReceipt}.
 */
export function verifyReceipt(
  evidence: Uint8Array,
  options: VerificationOptions<ReceiptExpectations>,
): Verdict<ReceiptEvidenceClaims> {
  const { diagnostics } = options
  const read = openEvidence(evidence, GROUP_SIZE_LIMIT, decodeReceipt, options)
  if (!('chain' in read)) return conclude(read, diagnostics)
  const { platform, statement, chain } = read
  const firmware = appraiseFirmware(platform, options)
  const { receipt, findings: own } = appraiseReceipt(statement, options.expectations)
  const claims = { kind: 'receipt', trustAnchor: chain.trustAnchor?.name ?? '', platform, receipt } as const
  const findings = [...chain.findings, ...firmware.findings, ...own]
  return conclude(findings, diagnostics, claims, [firmware.part, partOf(receipt, own)])
}

/** Affirmed is who lost what; of a receipt that was compared with no report nobody knows that. */
function partOf({ context }: ReceiptClaims, findings: readonly Finding[]): Submodule {
  const failures = findings.filter(({ severity }) => severity === 'failure')
  const known = context === undefined ? TRUST.none : TRUST.affirmed
  const vector = {
    ...uniformVector(TRUST.none),
    'instance-identity': known,
    configuration: failures.length > 0 ? TRUST.contraindicated : known,
  }
  return submodule(RECEIPT_SUBMODULE, vector, 'configuration', failures)
}
