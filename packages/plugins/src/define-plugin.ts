import type { Backend } from './backend.ts'
import type { EvidenceVerifier, TrustRoot } from './verifier.ts'

/** What a package contributes to Mica: the default export of a plugin. */
export interface Plugin {
  readonly name: string
  readonly backends?: readonly Backend[]
  readonly verifiers?: readonly EvidenceVerifier[]
  readonly trustRoots?: readonly TrustRoot[]
}

/** Declares a plugin. Returns it unchanged: its use is that the compiler checks and completes the fields. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}
