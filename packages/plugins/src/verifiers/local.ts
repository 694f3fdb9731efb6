import { releaseKey, verify } from '@mica/verifier'
import type { EvidenceVerifier } from '../verifier.ts'

/** The verifier of this installation, in this process. */
export const localVerifier: EvidenceVerifier = {
  name: 'local',
  description: 'the verifier of this installation, in this process',
  verify: async (evidence, options) => verify(evidence, options),
  release: releaseKey,
}
