import { releaseKey, verify, verifyDisclosure, verifyReceipt, verifyTokenSet } from '@mica/verifier'
import type { EvidenceVerifier } from '../verifier.ts'

/** The verifier of this installation, in this process. */
export const localVerifier: EvidenceVerifier = {
  name: 'local',
  description: 'the verifier of this installation, in this process',
  verify: async (evidence, options) => verify(evidence, options),
  verifyTokens: async (tokens, options) => verifyTokenSet(tokens, options),
  verifyReceipt: async (evidence, options) => verifyReceipt(evidence, options),
  verifyDisclosure: async (evidence, options) => verifyDisclosure(evidence, options),
  release: releaseKey,
}
