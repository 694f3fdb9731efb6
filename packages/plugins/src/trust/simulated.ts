import { SIMULATED_ROOT_OF_TRUST } from '@mica/hw-sim'
import { GROUP_PROFILE, GROUP_TREE_PROFILE } from '@mica/verifier'
import type { TrustRoot } from '../verifier.ts'

const { name, implementationId, instanceId, cpak, softwareComponents, config } = SIMULATED_ROOT_OF_TRUST

/**
 * The root of trust of every simulated machine. Its private key is public, so believing it means believing whoever ran
 * the simulation; and its monitor is the one that is endorsed to enforce the policies of a group report.
 */
export const simulatedTrust: TrustRoot = {
  name,
  description: 'every simulated machine, whose key everybody knows: for trying things out',
  anchors: [{ name, implementationId, instanceId, key: cpak }],
  endorsements: {
    platforms: [
      {
        implementationId,
        config: { value: config },
        components: softwareComponents.map(({ type, version, measurement, signerId }) => {
          return {
            type,
            version,
            measurement,
            signerId,
            ...(type === 'RMM' ? { enforces: [GROUP_PROFILE, GROUP_TREE_PROFILE] } : {}),
          }
        }),
      },
    ],
    realms: [],
  },
}
