import { GRANULE_SIZE, type GranuleIndex, physicalAddressOf } from '@mica/hw-sim'
import { hex, hexBytes } from '../conformance/trace/text.ts'
import type { TraceGuest } from '../conformance/trace/trace-guest.ts'
import { contentOf, TraceMachine } from '../conformance/trace/trace-machine.ts'
import { brokenInvariants } from '../lab/invariants.ts'
import { machineState } from '../lab/machine-state.ts'
import { GranuleModel } from '../lab/model.ts'
import {
  PSCI_DENIED,
  psciFunctionName,
  RMI_ERROR_INPUT,
  RMI_GRANULE_UNDELEGATE,
  RMI_PSCI_COMPLETE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REALM_DESTROY,
  RMI_REC_CREATE,
  RMI_REC_ENTER,
  rmiCommandName,
  rmiStatusName,
  rsiCommandName,
  unpackStatus,
} from '../src/abi/index.ts'
import { granuleStateName } from '../src/granule/state.ts'
import { functionOf } from './function-id.ts'
import type { Step } from './step.ts'

export interface FuzzOptions {
  /** Whether the monitor has the Mica extension. */
  readonly mica: boolean
  /** Bytes of DRAM: little, so that addresses meet and checks take little time. Blocks of memory take 4 MiB. */
  readonly dramSize: number
}

/** Where DRAM begins. */
export const DRAM_BASE = 0x8000_0000

/** A step takes microseconds; one that takes this many counts as one that does not end. */
const SLOW = 5_000_000

/** How the sentence about a failed call begins that left something behind. */
export const CHANGED_BY_FAILURE = 'a call that failed changed the machine'

/** What guests are to do and have done: no state of a machine, which only executes it. */
const PROGRAMS = /\.guest\.(program|entries)\b/

/** How thoroughly a step is checked; each takes about a millisecond. */
export interface Checks {
  /** Whether a failed call must leave the state of the machine as it was. */
  readonly state: boolean
  /** Whether everything is counted afresh. */
  readonly invariants: boolean
}

/** A machine that is told to do anything, with a model beside it, and all that must hold of it meanwhile. */
export class FuzzWorld {
  readonly model: GranuleModel = new GranuleModel()
  /** How often each command, of hosts and of guests, had each status. */
  readonly coverage: Map<string, number> = new Map()
  readonly dramSize: number
  /** Calls of all PEs. */
  calls = 0
  readonly #machine: WatchedMachine
  /** RIMs at activation, by the Realm's descriptor. */
  readonly #rims = new Map<number, string>()
  /** The state of the machine, if it is known from the step before. */
  #state: string | undefined
  /** The first thing that was not as it must be. */
  #problem: string | undefined

  constructor(options: FuzzOptions) {
    this.dramSize = options.dramSize
    this.#machine = new WatchedMachine(options, (x, after) => this.#called(x, after))
  }

  /** The machine and its monitor. */
  get machine(): TraceMachine {
    return this.#machine
  }

  /** Does one step. A sentence about what went wrong, if something did. */
  run(step: Step, checks: Checks): string | undefined {
    const start = process.cpuUsage().user
    try {
      this.#do(step, checks)
      if (checks.invariants)
        this.#problem ??= this.#modelProblem() ?? this.#rimProblem() ?? brokenInvariants(this.#machine)[0]
    } catch (error) {
      this.#problem ??= `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    }
    const elapsed = process.cpuUsage().user - start
    if (elapsed > SLOW) this.#problem ??= `took ${elapsed} µs`
    return this.#problem
  }

  #do(step: Step, checks: Checks): void {
    const machine = this.#machine
    for (const { address, chunks } of step.writes ?? []) {
      machine.machine.memory.write('non-secure', physicalAddressOf(Number(address)), contentOf(GRANULE_SIZE, 0, chunks))
    }
    if (step.fault !== undefined) machine.setFault(Number(step.fault.address), step.fault.fault)
    const x = step.x.map(BigInt)
    const guest = machine.prepare(Number(x[1] ?? 0n), step.program ?? [])
    if (step.writes !== undefined || step.fault !== undefined) this.#state = undefined
    const before = checks.state ? (this.#state ?? machineState(machine, PROGRAMS)) : ''
    this.#state = undefined
    const after = machine.smc(x)
    this.#countGuestCalls(guest)
    if (!checks.state || after[0] === 0n || isExempt(x, after, guest.entries.length)) return
    this.#state = machineState(machine, PROGRAMS)
    if (this.#state !== before) {
      this.#problem ??= `${CHANGED_BY_FAILURE}: ${firstChange(before, this.#state)}`
    }
  }

  /** What a guest called, and what it was answered when it went on. */
  #countGuestCalls({ entries }: TraceGuest): void {
    for (const [i, { act, out }] of entries.entries()) {
      const answer = entries[i + 1]?.x[0]
      if (act !== 'smc' || answer === undefined) continue
      const fid = (out[0] ?? 0n) & 0xffff_ffffn
      const name = rsiCommandName(fid) ?? psciFunctionName(fid)
      if (name !== undefined && isStatus(answer)) this.#count(`${name} ${BigInt.asIntN(64, answer)}`)
    }
  }

  #count(what: string): void {
    this.coverage.set(what, (this.coverage.get(what) ?? 0) + 1)
  }

  #called(x: readonly bigint[], after: readonly bigint[]): void {
    this.calls++
    const fid = functionOf(x)
    const name = rmiCommandName(fid) ?? 'unknown function'
    this.#count(`${name} ${rmiStatusName(unpackStatus(after[0]!).status)}`)
    if (after[0] !== 0n) return
    const args = x.slice(1).map(Number)
    const out = after.slice(1, 5).map(Number)
    this.#problem ??= this.model.note({ fid, args, out, params: this.#paramsOf(fid, args) })
    if (fid === RMI_GRANULE_UNDELEGATE) this.#problem ??= this.#undelegatedProblem(args[0]!)
    if (fid === RMI_REALM_ACTIVATE) this.#rims.set(args[0]!, this.#rimOf(args[0]!))
    if (fid === RMI_REALM_DESTROY) this.#rims.delete(args[0]!)
  }

  #rimOf(rd: number): string {
    return hexBytes(this.#machine.rmm.monitor.realmAt(rd)?.rim ?? new Uint8Array(0))
  }

  /** A Realm whose initial measurement has changed since it was activated. */
  #rimProblem(): string | undefined {
    for (const [rd, rim] of this.#rims) if (this.#rimOf(rd) !== rim) return `the RIM of ${hex(rd)} has changed`
    return undefined
  }

  /** The page that a command has read its parameters from. */
  #paramsOf(fid: bigint, args: readonly number[]): Uint8Array | undefined {
    const address = fid === RMI_REALM_CREATE ? args[1] : fid === RMI_REC_CREATE ? args[2] : undefined
    if (address === undefined) return undefined
    return this.#machine.machine.memory.read('non-secure', physicalAddressOf(address), GRANULE_SIZE)
  }

  #undelegatedProblem(address: number): string | undefined {
    const bytes = this.#machine.readPhysical(address, GRANULE_SIZE)
    return bytes.some((byte) => byte !== 0) ? `${hex(address)} was given back to the host with content` : undefined
  }

  /** A granule of which the monitor and the model think differently. */
  #modelProblem(): string | undefined {
    const { memory } = this.#machine.machine
    const { granules } = this.#machine.rmm.monitor
    for (let granule: GranuleIndex = 0; granule < memory.granules; granule++) {
      const is = granuleStateName(granules.state(granule))
      const model = this.model.state(memory.addressOf(granule))
      if (is !== model) return `granule ${granule} is ${is}, and should be ${model}`
    }
    return undefined
  }
}

/** A machine whose every call, from whichever PE, is reported when it is done. */
class WatchedMachine extends TraceMachine {
  readonly #done: (x: readonly bigint[], after: readonly bigint[]) => void

  constructor({ mica, dramSize }: FuzzOptions, done: (x: readonly bigint[], after: readonly bigint[]) => void) {
    super({ machine: { dram: { base: DRAM_BASE, size: dramSize } }, rmm: { mica } })
    this.#done = done
  }

  override smc(x: readonly bigint[]): bigint[] {
    const after = super.smc(x)
    this.#done(x, after)
    return after
  }
}

/**
 * The two failures that may leave something: PSCI_COMPLETE(DENIED) for a CPU that is on, and a REC_ENTER that ran a
 * guest and whose exit could not be written.
 */
function isExempt(x: readonly bigint[], after: readonly bigint[], entries: number): boolean {
  if (unpackStatus(after[0]!).status !== RMI_ERROR_INPUT) return false
  const fid = functionOf(x)
  if (fid === RMI_PSCI_COMPLETE) return x[3] === BigInt.asUintN(64, PSCI_DENIED)
  return fid === RMI_REC_ENTER && entries > 0
}

/** Whether an answer is a small number, negative ones among them: statuses of RSI and PSCI are. */
function isStatus(x0: bigint): boolean {
  const value = BigInt.asIntN(64, x0)
  return value > -16n && value < 16n
}

/** The first line that one of two states has and the other has not. */
function firstChange(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const gone = a.find((line) => !b.includes(line)) ?? 'nothing'
  const come = b.find((line) => !a.includes(line)) ?? 'nothing'
  return `${gone.slice(0, 160)} became ${come.slice(0, 160)}`
}
