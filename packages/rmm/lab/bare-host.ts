import { createRegisters, GRANULE_SIZE, Machine, type MachineOptions, physicalAddressOf } from '@mica/hw-sim'
import { RMI_GRANULE_DELEGATE, rmiCommandName, unpackStatus } from '../src/abi/index.ts'
import { Rmm, type RmmOptions } from '../src/index.ts'

export interface BareHostOptions {
  readonly machine?: Partial<MachineOptions>
  readonly rmm?: RmmOptions | undefined
  /** Where the host takes pages from: the start of DRAM by default. */
  readonly firstPage?: number
  /** Stands in for the platform token of the machine, whatever the challenge: a recorded one, for its length. */
  readonly platformToken?: Uint8Array | undefined
}

/** A machine with a monitor, and a host that calls it and hands out granules, never one twice. */
export class BareHost {
  readonly machine: Machine
  readonly rmm: Rmm
  #next: number

  constructor(options: BareHostOptions = {}) {
    this.machine = new Machine({ seed: new Uint8Array(32), ...options.machine })
    const { platformToken } = options
    if (platformToken !== undefined) Object.assign(this.machine.rootOfTrust, { platformToken: () => platformToken })
    this.rmm = new Rmm(this.machine, options.rmm)
    this.#next = options.firstPage ?? this.machine.memory.base
  }

  /** Any SMC; the registers after it. */
  smc(fid: bigint, ...args: readonly (bigint | number)[]): bigint[] {
    const x = createRegisters()
    x[0] = fid
    for (const [index, value] of args.entries()) x[index + 1] = BigInt(value)
    this.machine.smc(x)
    return [...x]
  }

  /** Status and index of an SMC. */
  status(fid: bigint, ...args: readonly (bigint | number)[]): readonly [status: number, index: number] {
    const { status, index } = unpackStatus(this.smc(fid, ...args)[0]!)
    return [status, index]
  }

  /** An SMC that has to succeed. Throws if it does not. */
  demand(fid: bigint, ...args: readonly (bigint | number)[]): bigint[] {
    const x = this.smc(fid, ...args)
    if (x[0] !== 0n) throw new Error(`${rmiCommandName(fid)} answered 0x${x[0]!.toString(16)}`)
    return x
  }

  /** A fresh granule of the host's. */
  page(content?: Uint8Array): number {
    const address = this.#next
    this.#next += GRANULE_SIZE
    if (content !== undefined) this.write(address, content)
    return address
  }

  /** A fresh granule, delegated. */
  delegated(): number {
    return this.delegate(this.page())
  }

  /** Delegates the granule at an address, and returns that. */
  delegate(address: number): number {
    this.demand(RMI_GRANULE_DELEGATE, address)
    return address
  }

  /** Writes memory as the host can; false where hardware refuses. */
  write(address: number, bytes: Uint8Array): boolean {
    return this.machine.memory.write('non-secure', physicalAddressOf(address), bytes)
  }

  /** Reads memory as the host can. */
  read(address: number, length: number): Uint8Array | undefined {
    return this.machine.memory.read('non-secure', physicalAddressOf(address), length)
  }
}
