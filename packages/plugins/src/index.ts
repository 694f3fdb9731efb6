export type {
  AttackResult,
  Attestation,
  AttestationRequest,
  Backend,
  BootOptions,
  Deployment,
  Device,
  GroupToLaunch,
  HostView,
  Laboratory,
  LaunchedRealm,
  MachineEvent,
  Platform,
  Progress,
  RealmToLaunch,
  RunEnd,
} from './backend.ts'
export { bootSimulator, SIMULATOR_DRAM } from './backends/simulator/boot.ts'
export { SimulatedDeployment } from './backends/simulator/deployment.ts'
export { type DeployedRealm, SimulatedPlatform } from './backends/simulator/platform.ts'
export type { Provided } from './backends/simulator/realm-plan.ts'
export { simulator } from './backends/simulator/simulator.ts'
export { builtIn } from './built-in.ts'
export { definePlugin, type Plugin } from './define-plugin.ts'
export { DuplicatePluginError, Registry } from './registry.ts'
export { simulatedTrust } from './trust/simulated.ts'
export type { EvidenceVerifier, TrustRoot } from './verifier.ts'
export { localVerifier } from './verifiers/local.ts'
