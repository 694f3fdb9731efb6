import { EventLog, type EventSink } from './event.ts'
import { Firmware } from './firmware.ts'
import { DEFAULT_IDENTIFICATION, type IdentificationRegisters } from './identification-registers.ts'
import type { GuestFactory, GuestMaker, PeParts } from './pe/guest.ts'
import { ImageGuests } from './pe/image/image-guests.ts'
import { DEFAULT_QUANTUM } from './pe/quantum.ts'
import { monitorRandomKey, RandomNumbers } from './pe/random.ts'
import { SystemCounter } from './pe/system-counter.ts'
import { PhysicalMemory } from './physical-memory.ts'
import { formatRegister, type GeneralRegisters } from './registers.ts'
import { RootOfTrust } from './root-of-trust.ts'

/** Where DRAM starts and how much there is when nothing else is said: 1 GiB at 2 GiB. */
export const DEFAULT_DRAM = { base: 0x8000_0000, size: 0x4000_0000 } as const

export interface MachineOptions {
  readonly dram?: { readonly base: number; readonly size: number }
  /** Identification registers in which the platform differs from {@link DEFAULT_IDENTIFICATION}. */
  readonly identification?: Partial<IdentificationRegisters>
  /** Everything random on this machine (attestation key, RNDR) is derived from it. */
  readonly seed: Uint8Array
  readonly events?: EventSink
  /** Makes the guest of each REC. Without it a REC runs the image in its Realm's memory. */
  readonly guests?: GuestMaker
  /** PE instructions between two physical interrupts; see {@link DEFAULT_QUANTUM}. */
  readonly quantum?: number
  /** Milliseconds an image guest may compute without a single exit before it is stopped for good; 30,000 by default. */
  readonly watchdogMs?: number
  /** Whether the `halt` event of an image guest says what it threw. Off by default: the text is the guest's. */
  readonly debugGuests?: boolean
}

/** Handles an SMC: reads arguments from, and leaves results in, the caller's registers. */
export type SmcHandler = (registers: GeneralRegisters) => void

/** SMC_UNKNOWN of the SMC calling convention: what a caller gets when nobody implements its function. */
export const SMC_UNKNOWN: bigint = BigInt.asUintN(64, -1n)

/** Registers of an SMC that its event shows: function and arguments, and results, of the RMI. */
const SHOWN = { arguments: 7, results: 5 } as const

/**
 * One machine: memory, root firmware, root of trust, PEs, and the conduit between the worlds.
 *
 * Booting installs the monitor that root firmware loaded into the Realm world; the Normal world reaches it by `smc`.
 */
export class Machine {
  readonly memory: PhysicalMemory
  readonly identification: IdentificationRegisters
  readonly firmware: Firmware
  readonly rootOfTrust: RootOfTrust
  readonly events: EventLog
  readonly guests: GuestFactory
  readonly clock: SystemCounter = new SystemCounter()
  /** RNDR as the monitor executes it. */
  readonly monitorRandom: RandomNumbers
  readonly #images: ImageGuests | undefined
  #monitor: SmcHandler | undefined

  constructor(options: MachineOptions) {
    const dram = options.dram ?? DEFAULT_DRAM
    this.memory = PhysicalMemory.create(dram.base, dram.size)
    this.identification = { ...DEFAULT_IDENTIFICATION, ...options.identification }
    this.firmware = new Firmware(this.memory)
    this.rootOfTrust = new RootOfTrust(options.seed)
    this.events = new EventLog(options.events)
    this.monitorRandom = new RandomNumbers(monitorRandomKey(options.seed))
    const parts: PeParts = {
      memory: this.memory,
      events: this.events,
      clock: this.clock,
      seed: Uint8Array.from(options.seed),
      quantum: options.quantum ?? DEFAULT_QUANTUM,
    }
    const make = options.guests
    if (make !== undefined) {
      this.guests = (start) => make(start, parts)
    } else {
      const images = new ImageGuests(parts, options)
      this.#images = images
      this.guests = (start) => images.make(start)
    }
  }

  /**
   * Starts the threads of `guests` image guests ahead of their first entries, all at once, and resolves when they are
   * ready. Never needed, but three Realms boot faster with it.
   */
  async prepare(guests: number): Promise<void> {
    await this.#images?.prepare(guests)
  }

  /** Switches the machine off: every guest ends where it is. Resolves when no thread of the machine is left. */
  async stop(): Promise<void> {
    await this.#images?.stop()
  }

  /**
   * Installs the Realm world's monitor, once, at boot.
   *
   * @param version What root firmware measures of it; by default the monitor with its extension.
   */
  installMonitor(handler: SmcHandler, version?: string): void {
    this.#monitor = handler
    if (version !== undefined) this.rootOfTrust.measureMonitor(version)
  }

  /** The SMC instruction of the Normal world. Registers are read and written in place. */
  smc(registers: GeneralRegisters): void {
    const x = this.events.enabled ? shown(registers, SHOWN.arguments) : undefined
    if (this.#monitor === undefined) registers[0] = SMC_UNKNOWN
    else this.#monitor(registers)
    if (x !== undefined) this.events.emit({ event: 'smc', x, result: shown(registers, SHOWN.results) })
  }
}

function shown(registers: GeneralRegisters, count: number): string[] {
  return Array.from(registers.subarray(0, count), formatRegister)
}
