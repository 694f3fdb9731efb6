import { releaseKey, verify, verifyTokenSet } from '@mica/verifier'
import type { EvidenceVerifier } from '../verifier.ts'

/** The verifier of this installation, in this process. */
export const localVerifier: EvidenceVerifier = {
  name: 'local',
  description: 'the verifier of this installation, in this process',
  verify: async (evidence, options) => verify(evidence, options),
  verifyTokens: async (tokens, options) => verifyTokenSet(tokens, options),
  release: releaseKey,
}
