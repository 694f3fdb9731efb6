import {
  createSystemRegisters,
  type GuestStart,
  type Machine,
  PAS,
  physicalAddressOf,
  SYSREG,
  type SystemRegisters,
} from '@mica/hw-sim'
import { BareHost, type BareHostOptions } from '../../lab/bare-host.ts'
import type { Rmm } from '../../src/index.ts'
import { parseAction } from './program.ts'
import type { Chunk, MemoryEvent } from './recording.ts'
import { fromHex, hex } from './text.ts'
import { TraceGuest } from './trace-guest.ts'

/** What is the PE's own: pending physical interrupts, and why its interface asks for maintenance. */
const PE_STATE = [SYSREG.ISR_EL1, SYSREG.ICH_MISR_EL2] as const

/** A machine on which a recording is played: recorded guests run on it, and its memory is written from outside. */
export class TraceMachine {
  readonly #host: BareHost
  readonly #guests = new Map<string, TraceGuest>()
  readonly #peState = createSystemRegisters()

  constructor(options: BareHostOptions) {
    const guests = (start: GuestStart): TraceGuest => this.#startGuest(start)
    this.#host = new BareHost({ ...options, machine: { ...options.machine, guests } })
  }

  get machine(): Machine {
    return this.#host.machine
  }

  get rmm(): Rmm {
    return this.#host.rmm
  }

  /** An SMC of the host, on any PE. */
  smc([fid = 0n, ...args]: readonly bigint[]): bigint[] {
    return this.#host.smc(fid, ...args)
  }

  /** The guest that a call runs, if it is RMI_REC_ENTER of the REC at `address`, with the actions of its program. */
  prepare(address: number, program: readonly string[]): TraceGuest {
    const rec = this.rmm.monitor.recAt(address)
    const name = hex(address)
    const known = this.#guests.get(name)
    const guest = rec?.guest === undefined || known === undefined ? new TraceGuest(this) : known
    this.loadPeState(guest.system)
    guest.program = program.map(parseAction).filter((action) => action !== undefined)
    guest.entries = []
    this.#guests.set(name, guest)
    return guest
  }

  /** Gives a guest the registers that nobody saves with a REC, as the last one on the PE has left them. */
  loadPeState(system: SystemRegisters): void {
    for (const place of PE_STATE) system[place] = this.#peState[place]!
  }

  keepPeState(system: SystemRegisters): void {
    for (const place of PE_STATE) this.#peState[place] = system[place]!
  }

  apply(event: MemoryEvent): void {
    const address = Number(event.addr)
    if (event.pas_fault !== undefined) this.setFault(address, event.pas_fault)
    if (event.size === undefined) return
    this.writePhysical(address, contentOf(event.size, event.fill, event.chunks))
  }

  /** Writes memory as nobody on the machine could: around the granule protection check. */
  writePhysical(address: number, bytes: Uint8Array): void {
    this.machine.memory.bytes.set(bytes, address - this.machine.memory.base)
  }

  readPhysical(address: number, length: number): Uint8Array {
    const offset = address - this.machine.memory.base
    return this.machine.memory.bytes.slice(offset, offset + length)
  }

  /** Lets accesses to a granule of the host's fault, or no longer. */
  setFault(address: number, fault: boolean): void {
    const { memory } = this.machine
    const granule = memory.granuleIndex(physicalAddressOf(address))!
    // A granule that is the Realm world's is out of the host's reach already.
    if (memory.pas(granule) === PAS.realm) return
    memory.setPas(granule, fault ? PAS.secure : PAS.nonSecure)
  }

  #startGuest(start: GuestStart): TraceGuest {
    const guest = this.#guests.get(start.rec) ?? new TraceGuest(this)
    for (const [index, value] of start.gprs.entries()) guest.x[index] = value
    guest.system[SYSREG.ELR_EL2] = start.pc
    this.#guests.set(start.rec, guest)
    return guest
  }
}

/** Bytes as recordings describe them: a fill, and chunks over it. */
export function contentOf(size: number, fill = 0, chunks: readonly Chunk[] = []): Uint8Array {
  const bytes = new Uint8Array(size).fill(fill)
  for (const [offset, text] of chunks) bytes.set(fromHex(text), Number(offset))
  return bytes
}
