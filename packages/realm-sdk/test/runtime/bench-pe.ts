import { encodeBlob, type Policy } from '@mica/policy'
import { encodePolicyRegion, type Instructions, REALM_BASE, SYNCHRONOUS_EXTERNAL_ABORT } from '@mica/realm-sdk/runtime'
import { RSI_MICA_CHANNEL_INFO, RSI_SUCCESS, RSI_UPLOAD_POLICY } from '@mica/rmm/abi'
import { workflow } from '../build/workflow.ts'

const PAGE = 4096

/** Options of a {@link BenchPe}. */
export interface BenchPeOptions {
  readonly policy: Policy
  /** Granted from the start, as memory that is not what it should be. */
  readonly openBefore?: boolean
  /** Channels whose memory several PEs share. */
  readonly memory?: Map<number, Uint8Array>
}

/**
 * A PE on a bench: memory by pages, channels that answer only after an upload, and a list of the calls that were made.
 * Enough to see what the boot code decides; whether the machine agrees is tested on the machine.
 */
export class BenchPe implements Instructions {
  readonly calls: bigint[][] = []
  readonly memory: Map<number, Uint8Array>
  readonly #own = new Map<number, Uint8Array>()
  readonly #registers = new Map([['CNTFRQ_EL0', 50_000_000n]])
  #open: boolean

  constructor(options: BenchPeOptions) {
    this.#open = options.openBefore ?? false
    this.memory = options.memory ?? new Map()
    const region = encodePolicyRegion(encodeBlob(options.policy))
    this.store(REALM_BASE, region)
  }

  load(ipa: number, length: number): Uint8Array {
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = this.#page(ipa + i)[(ipa + i) % PAGE]!
    return copy
  }

  store(ipa: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      this.#page(ipa + i)[(ipa + i) % PAGE] = byte
    })
  }

  load32(ipa: number): number {
    return new DataView(this.load(ipa, 4).buffer).getUint32(0, true)
  }

  store32(ipa: number, value: number): void {
    const word = new Uint8Array(4)
    new DataView(word.buffer).setUint32(0, value, true)
    this.store(ipa, word)
  }

  load64(ipa: number): bigint {
    return new DataView(this.load(ipa, 8).buffer).getBigUint64(0, true)
  }

  store64(ipa: number, value: bigint): void {
    const words = new Uint8Array(8)
    new DataView(words.buffer).setBigUint64(0, value, true)
    this.store(ipa, words)
  }

  copy(toIpa: number, fromIpa: number, length: number): void {
    this.store(toIpa, this.load(fromIpa, length))
  }

  smc(x: readonly bigint[]): bigint[] {
    this.calls.push([...x])
    if (x[0] === RSI_UPLOAD_POLICY) this.#open = true
    // One other holds every channel.
    return x[0] === RSI_MICA_CHANNEL_INFO ? [RSI_SUCCESS, 0n, 0n, 0n, 1n, 0n] : [RSI_SUCCESS]
  }

  /** Time passes up to the timer, as on a PE. */
  wfi(): void {
    const alarm = this.#registers.get('CNTV_CVAL_EL0') ?? 0n
    if (this.#registers.get('CNTV_CTL_EL0') === 1n && alarm > this.mrs('CNTVCT_EL0'))
      this.#registers.set('CNTVCT_EL0', alarm)
  }

  wfe(): void {}

  /** A system register is what was written to it; the counter of 50 MHz stands still while there is work. */
  mrs(name: string): bigint {
    return this.#registers.get(name) ?? 0n
  }

  msr(name: string, value: bigint): void {
    this.#registers.set(name, value)
  }

  rndr(length: number): Uint8Array {
    return new Uint8Array(length).fill(4)
  }

  #page(ipa: number): Uint8Array {
    const shared = ipa < REALM_BASE
    if (shared && !this.#open) {
      const fault = new Error('refused')
      fault.name = SYNCHRONOUS_EXTERNAL_ABORT
      throw fault
    }
    const pages = shared ? this.memory : this.#own
    const number = Math.floor(ipa / PAGE)
    const page = pages.get(number) ?? new Uint8Array(PAGE)
    pages.set(number, page)
    return page
  }
}

/** The policy of one peer of the workflow of these tests, as its projection. */
export function policyOf(self: number, change: Partial<Policy> = {}): Policy {
  const { peers, memories, transitions } = workflow
  const plain = peers.map(({ name, gateway, strict }, index) => {
    return { name, gateway, strict, rims: [new Uint8Array(32).fill(index + 1)] }
  })
  return { self, peers: plain, memories, transitions, ...change }
}

/** Lets everything that can go on go on, and calls the idle vector `rounds` times in between. */
export async function turn(idle: () => void, rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    idle()
  }
}
