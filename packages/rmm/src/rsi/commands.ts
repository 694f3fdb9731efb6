import * as abi from '../abi/index.ts'
import { attestationTokenContinue, attestationTokenInit } from './attestation-token.ts'
import { features } from './features.ts'
import { hostCall } from './host-call.ts'
import { ipaStateGet } from './ipa-state-get.ts'
import { ipaStateSet } from './ipa-state-set.ts'
import { measurementExtend } from './measurement-extend.ts'
import { measurementRead } from './measurement-read.ts'
import { realmConfig } from './realm-config.ts'
import type { RsiCommand } from './result.ts'
import { version } from './version.ts'

/** The Realm Services Interface: every command of the base monitor, by function identifier. */
export const RSI_COMMANDS: ReadonlyMap<number, RsiCommand> = new Map(
  (
    [
      [abi.RSI_VERSION, version],
      [abi.RSI_FEATURES, features],
      [abi.RSI_MEASUREMENT_READ, measurementRead],
      [abi.RSI_MEASUREMENT_EXTEND, measurementExtend],
      [abi.RSI_ATTESTATION_TOKEN_INIT, attestationTokenInit],
      [abi.RSI_ATTESTATION_TOKEN_CONTINUE, attestationTokenContinue],
      [abi.RSI_REALM_CONFIG, realmConfig],
      [abi.RSI_IPA_STATE_SET, ipaStateSet],
      [abi.RSI_IPA_STATE_GET, ipaStateGet],
      [abi.RSI_HOST_CALL, hostCall],
    ] as const
  ).map(([fid, run]) => [Number(fid), run]),
)
