import {
  createRegisters,
  EC,
  exceptionClass,
  type GeneralRegisters,
  type Guest,
  type GuestEntry,
  type GuestExit,
} from '@mica/hw-sim'

/** What a recorded guest needs of the machine around it. */
export interface TraceMachine {
  writePhysical(address: number, bytes: Uint8Array): void
  setFault(address: number, fault: boolean): void
  /** An RMI call from another PE while the guest runs. */
  callFromOtherPe(registers: readonly bigint[]): void
}

/** How the monitor entered the guest. */
export interface TraceEntry {
  readonly x: readonly bigint[]
  readonly injected: boolean
}

/** A guest that does what a recording says; it has no code and no memory of its own. */
export class TraceGuest implements Guest {
  readonly x: GeneralRegisters = createRegisters()
  program: string[] = []
  entries: TraceEntry[] = []
  readonly #machine: TraceMachine

  constructor(machine: TraceMachine, gprs: readonly bigint[]) {
    this.#machine = machine
    for (const [index, value] of gprs.entries()) this.x[index] = value
  }

  resume(entry: GuestEntry): GuestExit {
    this.entries.push({ x: [...this.x], injected: entry.inject !== undefined })
    for (;;) {
      // A program that is used up ends with FIQ, which these PEs take as any physical interrupt.
      const [action, ...words] = (this.program.shift() ?? 'fiq').split(' ')
      const values = words.map((word) => (/^(0x[0-9a-f]+|\d+)$/.test(word) ? BigInt(word) : 0n))
      switch (action) {
        case 'fiq':
        case 'irq':
          return { kind: 'irq' }
        case 'smc':
          for (const [index, value] of values.entries()) this.x[index] = value
          return { kind: 'smc' }
        case 'sync':
          return syncExit(values[0]!, values[1] ?? 0n, values[2] ?? 0n)
        case 'set':
          this.x[Number(values[0])] = values[1]!
          break
        case 'wpa':
          this.#machine.writePhysical(Number(values[0]), Buffer.from(words[1]!, 'hex'))
          break
        case 'pasfault':
          this.#machine.setFault(Number(values[0]), values[1] === 1n)
          break
        case 'rmi':
          this.#machine.callFromOtherPe(values)
          break
        default:
          throw new Error(`a recorded guest does not know ${action}`)
      }
    }
  }

  stop(): void {}
}

/** Syndromes of which these PEs have a kind. */
export function isKnownSyndrome(esr: bigint): boolean {
  const ec = exceptionClass(esr)
  const isv = (esr >> 24n) & 1n
  const external = (esr & 0x3fn) === 0x10n
  return (
    (ec === EC.wfx && (esr & 1n) === 0n) ||
    ((ec === EC.dataAbort || ec === EC.instructionAbort) && isv >= 0n && !external)
  )
}

function syncExit(esr: bigint, far: bigint, hpfar: bigint): GuestExit {
  if (exceptionClass(esr) === EC.wfx) return { kind: 'wfi' }
  return { kind: 'abort', syndrome: { esr, far, hpfar } }
}
