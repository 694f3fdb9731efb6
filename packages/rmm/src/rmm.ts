import { type GeneralRegisters, type Machine, SMC_UNKNOWN } from '@mica/hw-sim'
import { packStatus } from './abi/index.ts'
import { Attester, type TokenFormat } from './attestation/attester.ts'
import { createMica } from './mica/commands.ts'
import type { MicaLimits } from './mica/limits.ts'
import { type FirmwareVersion, Monitor } from './monitor.ts'
import { platformOf } from './platform.ts'
import { RMI_COMMANDS } from './rmi/commands.ts'
import type { RmiArguments, RmiResult } from './rmi/result.ts'

export interface RmmOptions {
  /** Whether the Mica extension is part of the monitor; true by default. Without it all its functions are unknown. */
  readonly mica?: boolean | undefined
  readonly limits?: Partial<MicaLimits> | undefined
  /** Recorded firmware to be like in everything: a host may then answer loads from protected memory, as it could there. */
  readonly firmware?: FirmwareVersion | undefined
  /** The form of Realm tokens: that of RMM 1.0 (`tag-399`) by default. Group tokens always have the later one. */
  readonly tokenFormat?: TokenFormat | undefined
}

/** What root firmware measures of a monitor without the extension. */
const BASE_VERSION = 'mica-rmm 1.0'

/** Hint of the calling convention that the caller has no live SVE state: bit 16 of the function identifier. */
const SVE_HINT = 0x1_0000

/**
 * The Realm Management Monitor. Constructing it is what booting does: it becomes the machine's monitor, and from then
 * on answers the Normal world's SMCs.
 */
export class Rmm {
  /** All of its state: for laboratory views and tests. Nothing below the plugins but this package reads it. */
  readonly monitor: Monitor

  constructor(machine: Machine, options: RmmOptions = {}) {
    const extension = options.mica === false ? undefined : createMica(options.limits)
    const attester = new Attester(machine.rootOfTrust, options.tokenFormat ?? 'tag-399')
    this.monitor = new Monitor(machine, platformOf(machine.identification), attester, extension, options.firmware)
    const handler = (x: GeneralRegisters): void => this.#handle(x)
    if (extension === undefined) machine.installMonitor(handler, BASE_VERSION)
    else machine.installMonitor(handler)
  }

  /** One SMC of the host: the edge at which registers become numbers, and results registers. */
  #handle(x: GeneralRegisters): void {
    const fid = Number(x[0]! & 0xffff_ffffn)
    const masked = (fid & SVE_HINT) !== 0 ? fid - SVE_HINT : fid
    const command = RMI_COMMANDS.get(masked) ?? this.monitor.extension?.rmi.get(masked)
    if (command === undefined) {
      x[0] = SMC_UNKNOWN
      x.fill(0n, 1, 4)
      return
    }
    const args: RmiArguments = [Number(x[1]), Number(x[2]), Number(x[3]), Number(x[4]), Number(x[5]), Number(x[6])]
    writeResult(x, command(this.monitor, args, x))
  }
}

/** x1 to x3 are zero unless they are outputs; x4 keeps its value unless it is one. */
function writeResult(x: GeneralRegisters, result: RmiResult): void {
  x[0] = packStatus(result.status, result.index)
  x.fill(0n, 1, 4)
  for (let i = 0; i < result.out.length; i++) x[i + 1] = BigInt.asUintN(64, BigInt(result.out[i]!))
}
