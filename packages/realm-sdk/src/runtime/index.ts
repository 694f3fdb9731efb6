export { type BootOptions, boot } from './boot.ts'
export { channelBase } from './channel-memory.ts'
export { difference } from './expected-policy.ts'
export { type Instructions, instructions, SYNCHRONOUS_EXTERNAL_ABORT } from './instructions.ts'
export {
  IMAGE_BASE,
  IPA_WIDTH,
  POLICY_BLOB_OFFSET,
  POLICY_REGION_SIZE,
  REALM_BASE,
  SCRATCH_BASE,
  SCRATCH_SIZE,
  UNPROTECTED_BASE,
} from './memory-map.ts'
export { encodePolicyRegion, readPolicyRegion } from './policy-region.ts'
export {
  attestationToken,
  type ChannelInfo,
  channelInfo,
  extendMeasurement,
  giveCredit,
  groupEvidence,
  hostCall,
  leave,
  notify,
  policyStatus,
  RsiError,
  rejoin,
  revoke,
  uploadPolicy,
} from './rsi.ts'
export { RunLoop } from './run-loop.ts'
