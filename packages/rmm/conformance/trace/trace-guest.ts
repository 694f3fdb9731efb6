import {
  createRegisters,
  createSystemRegisters,
  type GeneralRegisters,
  type Guest,
  type GuestExit,
  HCR_TWE,
  HCR_TWI,
  HCR_VSE,
  SMC_SYNDROME,
  SYSREG,
  type SystemRegisters,
} from '@mica/hw-sim'
import { LAST_ACTION, type TraceAction } from './program.ts'
import { placeOfSystemRegister } from './system-register.ts'
import type { TraceMachine } from './trace-machine.ts'

/** How the monitor entered the guest once, and what happened until it left. */
export interface TraceEntry {
  readonly pc: bigint
  readonly x: readonly bigint[]
  /** ESR_EL1, FAR_EL1 and ELR_EL1 if the monitor wrote them since the entry before. */
  readonly injected: readonly bigint[] | undefined
  /** Of HCR_EL2: whether an SError is pending, and which waits trap. */
  readonly hcr: bigint
  /** x0 to x4 of each call that another PE made meanwhile. */
  readonly otherPeCalls: (readonly bigint[])[]
  /** What made it leave. */
  act: string
  /** Its registers then. */
  out: readonly bigint[]
}

/** The bits of HCR_EL2 that recordings have. */
const RECORDED_HCR = HCR_VSE | HCR_TWI | HCR_TWE

/**
 * What the guest leaves in ESR_EL1, so that it sees when an exception is injected: no exception has this syndrome. FAR_EL1
 * it leaves zero, as the recordings have it of exceptions that are about no address.
 */
const NO_EXCEPTION: bigint = 2n ** 64n - 1n

/** A guest that does what a recording says; it has no code and no memory of its own. */
export class TraceGuest implements Guest {
  readonly x: GeneralRegisters = createRegisters()
  readonly system: SystemRegisters = createSystemRegisters()
  /** What is left to do. */
  program: TraceAction[] = []
  entries: TraceEntry[] = []
  readonly #machine: TraceMachine

  constructor(machine: TraceMachine) {
    this.#machine = machine
    this.system[SYSREG.ESR_EL1] = NO_EXCEPTION
  }

  resume(): GuestExit {
    const made = this.#entered()
    this.entries.push(made)
    for (;;) {
      const action = this.program.shift()
      const exit = this.#perform(action ?? LAST_ACTION, made)
      if (exit === undefined) continue
      made.act = action === undefined ? 'fiq(default)' : action.do
      made.out = [...this.x]
      return exit
    }
  }

  stop(): void {}

  #entered(): TraceEntry {
    const { x, system } = this
    this.#machine.loadPeState(system)
    const esr = system[SYSREG.ESR_EL1]!
    const injected = esr === NO_EXCEPTION ? undefined : [esr, system[SYSREG.FAR_EL1]!, system[SYSREG.ELR_EL1]!]
    system[SYSREG.ESR_EL1] = NO_EXCEPTION
    system[SYSREG.FAR_EL1] = 0n
    const hcr = system[SYSREG.HCR_EL2]! & RECORDED_HCR
    return { pc: system[SYSREG.ELR_EL2]!, x: [...x], injected, hcr, otherPeCalls: [], act: '', out: [] }
  }

  /** Does one action; the exit that it leads to, if it does. */
  #perform(action: TraceAction, entry: TraceEntry): GuestExit | undefined {
    switch (action.do) {
      case 'fiq':
      case 'irq':
        return { kind: action.do }
      case 'serror':
        return { kind: 'serror', esr: action.esr }
      case 'smc':
        for (const [index, value] of action.x.entries()) this.x[index] = value
        return { kind: 'sync', syndrome: SMC_SYNDROME }
      case 'sync':
        return { kind: 'sync', syndrome: action }
      case 'set':
        this.x[action.register] = action.value
        return undefined
      case 'sysreg': {
        const place = placeOfSystemRegister(action.name)
        if (place !== undefined) this.system[place] = action.value
        this.#machine.keepPeState(this.system)
        return undefined
      }
      case 'wpa':
        this.#machine.writePhysical(action.address, action.bytes)
        return undefined
      case 'pasfault':
        this.#machine.setFault(action.address, action.fault)
        return undefined
      case 'rmi':
        entry.otherPeCalls.push(this.#machine.smc(action.x).slice(0, 5))
        return undefined
    }
  }
}
