import { addOffset } from '@mica/hw-sim'
import {
  decodeRmiRecExit,
  encodeRmiRecEnter,
  REC_EXIT_OFFSET,
  RMI_ERROR_REALM,
  RMI_ERROR_REC,
  RMI_EXIT_FIQ,
  RMI_EXIT_IRQ,
  RMI_EXIT_PSCI,
  RMI_REC_ENTER,
  RMI_SUCCESS,
  type RmiRecExit,
} from '@mica/rmm/abi'
import { describeRefusal, HostError, type NormalWorld, type RmiResult } from './normal-world.ts'
import { servePsci } from './psci.ts'
import type { Vcpu, VcpuState } from './vcpu.ts'
import { VirtualInterrupts } from './virtual-interrupts.ts'

/**
 * Shares the machine among virtual CPUs: each round enters every runnable one once, in an order drawn from the seed.
 *
 * The host learns of an exit only what the monitor tells it. A Realm with a policy that does not list the exit shows
 * nothing but that it gave the core back.
 */
export class Scheduler {
  readonly #world: NormalWorld
  readonly #random: () => number
  readonly #afterExit: (result: RmiResult) => void
  readonly #vcpus: readonly Vcpu[]
  readonly #interrupts: ReadonlyMap<Vcpu, VirtualInterrupts>
  #runnable: readonly Vcpu[]

  /**
   * @param seed 32 bits that choose the order.
   * @param afterExit Called after every entry with what the command answered, before the next.
   */
  constructor(
    world: NormalWorld,
    vcpus: readonly Vcpu[],
    seed: number,
    afterExit: (result: RmiResult) => void = () => {},
  ) {
    this.#world = world
    this.#vcpus = [...vcpus]
    this.#interrupts = new Map(vcpus.map((vcpu) => [vcpu, new VirtualInterrupts()]))
    this.#runnable = this.#vcpus
    this.#random = mulberry32(seed)
    this.#afterExit = afterExit
  }

  /** Whether any virtual CPU can still run. */
  get runnable(): boolean {
    return this.#runnable.length > 0
  }

  /** Enters every runnable virtual CPU once. */
  round(): void {
    for (const vcpu of this.#shuffled()) {
      if (this.#enter(vcpu) !== 'runnable') this.#runnable = this.#runnable.filter((other) => other !== vcpu)
    }
  }

  /** Asks for a virtual interrupt, which a virtual CPU gets at one of its next entries. */
  interrupt(vcpu: Vcpu, intid: number): void {
    this.#interruptsOf(vcpu).raise(intid)
  }

  #enter(vcpu: Vcpu): VcpuState {
    const interrupts = this.#interruptsOf(vcpu)
    this.#world.write(vcpu.run, encodeRmiRecEnter({ gicv3_lrs: interrupts.registers() }))
    const result = this.#world.rmi(RMI_REC_ENTER, vcpu.rec, vcpu.run)
    this.#afterExit(result)
    if (result.status !== RMI_SUCCESS) return stateAfterRefusal(result)
    const exit = this.#exitRecord(vcpu)
    interrupts.learn(exit)
    return this.#stateAfter(vcpu, exit)
  }

  #interruptsOf(vcpu: Vcpu): VirtualInterrupts {
    const interrupts = this.#interrupts.get(vcpu)
    if (interrupts === undefined) throw new HostError('this scheduler has no such virtual CPU')
    return interrupts
  }

  #stateAfter(vcpu: Vcpu, exit: RmiRecExit): VcpuState {
    switch (exit.exit_reason) {
      case RMI_EXIT_IRQ:
      case RMI_EXIT_FIQ:
        return 'runnable'
      case RMI_EXIT_PSCI: {
        const siblings = this.#vcpus.filter(({ rd }) => rd === vcpu.rd)
        const { goesOn, turnedOn } = servePsci(this.#world, vcpu, siblings, exit.gprs)
        if (turnedOn !== undefined && !this.#runnable.includes(turnedOn)) this.#runnable = [...this.#runnable, turnedOn]
        return goesOn ? 'runnable' : 'off'
      }
      default:
        return 'stuck'
    }
  }

  #exitRecord(vcpu: Vcpu): RmiRecExit {
    const bytes = this.#world.read(addOffset(vcpu.run, REC_EXIT_OFFSET), REC_EXIT_OFFSET)
    if (bytes === undefined) throw new HostError('a run page is not Non-secure any more')
    return decodeRmiRecExit(bytes)
  }

  #shuffled(): Vcpu[] {
    const order = [...this.#runnable]
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1))
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }
}

function stateAfterRefusal(result: RmiResult): VcpuState {
  if (result.status === RMI_ERROR_REALM || result.status === RMI_ERROR_REC) return 'off'
  throw new HostError(describeRefusal(result))
}

/** A small generator of numbers in [0, 1) with 32 bits of state: enough to vary an order, and nothing else. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
