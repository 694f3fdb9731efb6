import { simulator } from './backends/simulator/simulator.ts'
import { definePlugin, type Plugin } from './define-plugin.ts'
import { simulatedTrust } from './trust/simulated.ts'
import { localVerifier } from './verifiers/local.ts'

/** What Mica brings itself: the simulated machine, whom to believe for it, and a verifier in the same process. */
export const builtIn: Plugin = definePlugin({
  name: '@mica/plugins',
  backends: [simulator],
  verifiers: [localVerifier],
  trustRoots: [simulatedTrust],
})
