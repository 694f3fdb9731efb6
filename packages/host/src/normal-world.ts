import { createRegisters, type Machine, type PhysicalAddress } from '@mica/hw-sim'
import { rmiCommandName, rmiStatusName, unpackStatus } from '@mica/rmm/abi'

/** What an RMI command answered. */
export interface RmiResult {
  readonly fid: bigint
  /** RMI status: 0 is RMI_SUCCESS. */
  readonly status: number
  /** What the status is about: a level for RMI_ERROR_RTT, a reason for RMI_ERROR_REALM. */
  readonly index: number
  /** x0 to x4 as the command left them. */
  readonly x: readonly bigint[]
}

/** A command that this host needed was refused by the monitor, or the machine ran out of something. */
export class HostError extends Error {
  override readonly name = 'HostError'
}

const ARGUMENT_REGISTERS = 7
const RESULT_REGISTERS = 5

/**
 * All that Normal world software can do to the machine: execute SMC, and read and write Non-secure memory.
 *
 * The rest of this package is written against it, so nothing here can depend on more than a real host has.
 */
export class NormalWorld {
  readonly #machine: Machine
  readonly #registers = createRegisters()

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** First address of DRAM, and its length in bytes. */
  get dram(): { readonly base: number; readonly size: number } {
    const { base, granules } = this.#machine.memory
    return { base, size: granules * 4096 }
  }

  /** Executes SMC with a function identifier and up to six arguments. */
  rmi(fid: bigint, ...args: readonly (bigint | number)[]): RmiResult {
    const registers = this.#registers
    registers.fill(0n)
    registers[0] = fid
    for (let i = 0; i < args.length && i < ARGUMENT_REGISTERS - 1; i++) registers[i + 1] = BigInt(args[i]!)
    this.#machine.smc(registers)
    return { fid, ...unpackStatus(registers[0]!), x: [...registers.subarray(0, RESULT_REGISTERS)] }
  }

  /** As {@link rmi}, for a command that has to succeed for this host to go on. Throws {@link HostError}. */
  demand(fid: bigint, ...args: readonly (bigint | number)[]): RmiResult {
    const result = this.rmi(fid, ...args)
    if (result.status !== 0) throw new HostError(describeRefusal(result))
    return result
  }

  /** A copy of Non-secure memory, or `undefined` where the granule protection check refuses. */
  read(address: PhysicalAddress, length: number): Uint8Array | undefined {
    return this.#machine.memory.read('non-secure', address, length)
  }

  /** Writes Non-secure memory; false, and nothing written, where the granule protection check refuses. */
  write(address: PhysicalAddress, bytes: Uint8Array): boolean {
    return this.#machine.memory.write('non-secure', address, bytes)
  }
}

/** One line for people: which command answered what. */
export function describeRefusal(result: RmiResult): string {
  const index = result.index === 0 ? '' : ` (${result.index})`
  return `${rmiCommandName(result.fid) ?? `0x${result.fid.toString(16)}`} answered ${rmiStatusName(result.status)}${index}`
}
