import { addOffset, type PhysicalAddress } from '@mica/hw-sim'
import {
  decodeRmiRecExit,
  encodeRmiRecEnter,
  REC_EXIT_OFFSET,
  RMI_ERROR_REALM,
  RMI_EXIT_IRQ,
  RMI_EXIT_PSCI,
  RMI_REC_ENTER,
  RMI_SUCCESS,
  type RmiRecExit,
} from '@mica/rmm/abi'
import { describeRefusal, HostError, type NormalWorld, type RmiResult } from './normal-world.ts'

/** A virtual CPU as the host knows it. */
export interface Vcpu {
  readonly rec: PhysicalAddress
  readonly run: PhysicalAddress
}

/** What one entry of a REC came to. */
export type VcpuState =
  /** It can be entered again. */
  | 'runnable'
  /** Its Realm is off. */
  | 'off'
  /** It exited for something that this host does not provide; entering it again would exit the same way. */
  | 'stuck'

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
  #vcpus: Vcpu[]

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
    this.#random = mulberry32(seed)
    this.#afterExit = afterExit
  }

  /** Whether any virtual CPU can still run. */
  get runnable(): boolean {
    return this.#vcpus.length > 0
  }

  /** Enters every runnable virtual CPU once. */
  round(): void {
    for (const vcpu of this.#shuffled()) {
      if (this.#enter(vcpu) !== 'runnable') this.#vcpus = this.#vcpus.filter((other) => other !== vcpu)
    }
  }

  #enter(vcpu: Vcpu): VcpuState {
    this.#world.write(vcpu.run, encodeRmiRecEnter({}))
    const result = this.#world.rmi(RMI_REC_ENTER, vcpu.rec, vcpu.run)
    this.#afterExit(result)
    if (result.status === RMI_SUCCESS) return stateAfter(this.#exitRecord(vcpu))
    return stateAfterRefusal(result)
  }

  #exitRecord(vcpu: Vcpu): RmiRecExit {
    const bytes = this.#world.read(addOffset(vcpu.run, REC_EXIT_OFFSET), REC_EXIT_OFFSET)
    if (bytes === undefined) throw new HostError('a run page is not Non-secure any more')
    return decodeRmiRecExit(bytes)
  }

  #shuffled(): Vcpu[] {
    const order = [...this.#vcpus]
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1))
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    return order
  }
}

function stateAfter(exit: RmiRecExit): VcpuState {
  if (exit.exit_reason === RMI_EXIT_IRQ) return 'runnable'
  // This host offers no PSCI services of its own: a REC that asks for one without a policy has turned itself off.
  return exit.exit_reason === RMI_EXIT_PSCI ? 'off' : 'stuck'
}

function stateAfterRefusal(result: RmiResult): VcpuState {
  if (result.status === RMI_ERROR_REALM) return 'off'
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
