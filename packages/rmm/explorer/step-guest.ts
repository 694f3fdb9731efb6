import {
  type AccessKind,
  createRegisters,
  createSystemRegisters,
  EC,
  esrOf,
  FSC_GRANULE_PROTECTION,
  type GeneralRegisters,
  type Guest,
  type GuestExit,
  type GuestStart,
  ISS_WNR,
  type PhysicalMemory,
  SMC_SYNDROME,
  Stage2Walker,
  SYSREG,
  type SystemRegisters,
  type WalkResult,
} from '@mica/hw-sim'

/** Instructions of a guest, one after the other: what leaves the PE is yielded. */
export type GuestSteps = Generator<GuestExit, void, void>

const SMC: GuestExit = { kind: 'sync', syndrome: SMC_SYNDROME }
const IRQ: GuestExit = { kind: 'irq' }

/** Where the vectors of these guests are. */
const VECTORS = 0xffff_0000_0000_0000n

/** xFSC of translation and permission faults, at level 0. */
const FSC = { translation: 0x04, permission: 0x0c } as const

/**
 * A guest that does one thing at each entry and is otherwise always the same: between two entries there is nothing of it
 * but registers, and those are as they were. So a machine can be put back to where it was with its guests.
 *
 * It reaches memory through a walker of its own, which remembers tables as that of any PE does.
 */
export class StepGuest implements Guest {
  readonly x: GeneralRegisters = createRegisters()
  readonly system: SystemRegisters = createSystemRegisters()
  readonly #walker: Stage2Walker
  readonly #memory: PhysicalMemory
  readonly #pc: bigint
  #steps: GuestSteps | undefined

  constructor({ stage2, pc }: GuestStart, memory: PhysicalMemory) {
    this.#walker = new Stage2Walker(memory, stage2)
    this.#memory = memory
    this.#pc = pc
    this.settle()
  }

  /** What it does at its next entry. */
  begin(steps: GuestSteps): void {
    this.#steps = steps
  }

  /** Ends whatever it was doing: its registers are those of a guest that waits for work. */
  settle(): void {
    this.#steps = undefined
    this.x.fill(0n)
    const { system } = this
    for (const register of [SYSREG.ESR_EL1, SYSREG.FAR_EL1, SYSREG.ELR_EL1, SYSREG.SPSR_EL1]) system[register] = 0n
    system[SYSREG.VBAR_EL1] = VECTORS
    system[SYSREG.ELR_EL2] = this.#pc
    system[SYSREG.SPSR_EL2] = 0x3c5n
  }

  resume(): GuestExit {
    const step = this.#steps?.next()
    return step === undefined || step.done === true ? IRQ : step.value
  }

  stop(): void {
    this.#steps = undefined
  }

  /** Whether its PE gets to an address, without an instruction that it would execute. */
  walk(ipa: number, kind: AccessKind): boolean {
    return this.#walker.walk(ipa, kind)
  }

  /** One call: its x0 afterwards. */
  *smc(...words: readonly (number | bigint)[]): Generator<GuestExit, bigint> {
    this.x.fill(0n)
    for (const [index, word] of words.entries()) this.x[index] = BigInt(word)
    yield SMC
    return this.x[0]!
  }

  /** One access: where it lands in DRAM, or `undefined` if the guest takes an exception instead. */
  *access(ipa: number, kind: AccessKind): Generator<GuestExit, number | undefined> {
    if (this.#walker.walk(ipa, kind)) return this.#walker.result.offset
    yield { kind: 'sync', syndrome: syndromeOfFault(ipa, kind, this.#walker.result) }
    return undefined
  }

  /** Writes bytes within a page; whether it could. */
  *store(ipa: number, bytes: Uint8Array): Generator<GuestExit, boolean> {
    const offset = yield* this.access(ipa, 'write')
    if (offset === undefined) return false
    this.#memory.bytes.set(bytes, offset)
    return true
  }
}

/** What a PE says of an access that a walk has refused. */
function syndromeOfFault(ipa: number, kind: AccessKind, { fault, level }: WalkResult) {
  const ec = kind === 'execute' ? EC.instructionAbort : EC.dataAbort
  const fsc = fault === 'translation' || fault === 'permission' ? FSC[fault] + level : FSC_GRANULE_PROTECTION
  const page = BigInt(Math.floor(ipa / 4096))
  return { esr: esrOf(ec, BigInt(fsc) | (kind === 'write' ? ISS_WNR : 0n)), far: BigInt(ipa), hpfar: page << 4n }
}
