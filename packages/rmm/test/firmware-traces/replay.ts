import {
  createRegisters,
  GRANULE_SIZE,
  type GuestMaker,
  type GuestStart,
  Machine,
  PAS,
  physicalAddressOf,
} from '@mica/hw-sim'
import { decodeRmiRecExit, type RmiRecExit } from '../../src/abi/index.ts'
import { granuleStateName } from '../../src/granule/state.ts'
import { Rmm } from '../../src/index.ts'
import { NOTHING_PENDING } from '../../src/rec/rec.ts'
import { type MemoryEvent, readPlatformToken, type Trace, type TraceCall } from './trace.ts'
import { isKnownSyndrome, TraceGuest } from './trace-guest.ts'

/** What came out of a replay. */
export interface Replay {
  /** Calls made and compared, before the first that this monitor does not have yet. */
  readonly calls: number
  readonly differences: readonly string[]
}

const NOT_YET = new Set(['RMI_PSCI_COMPLETE', 'RMI_RTT_FOLD', 'RMI_RTT_SET_RIPAS'])
const CALLS_NOT_YET = /^smc 0x(c4000197|c4000003|84000003|84000002|c4000004|84000004|c4000001|84000001|84000009)\b/
const ACTIONS_NOT_YET = /^(sysreg|serror)\b/

/** Whether this monitor, and these PEs, have all that a recorded call needs. */
export function isSupported(call: TraceCall): boolean {
  if (NOT_YET.has(call.name)) return false
  return (call.realm_program ?? []).every((line) => {
    if (CALLS_NOT_YET.test(line) || ACTIONS_NOT_YET.test(line)) return false
    if (line.startsWith('rmi ')) return !/0x(c4000164|c4000166|c4000169)/.test(line)
    return !line.startsWith('sync ') || isKnownSyndrome(BigInt(line.split(' ')[1]!))
  })
}

/** Makes every recorded call, as far as the monitor has it, and compares all that was recorded. */
export function replay(trace: Trace, mica = false): Replay {
  const run = new TraceRun(readPlatformToken(), mica)
  let calls = 0
  for (const call of trace.calls) {
    if (!isSupported(call)) break
    run.make(call)
    calls++
  }
  return { calls, differences: run.differences }
}

const STATES: Readonly<Record<string, string>> = {
  NS: 'undelegated',
  DELEGATED: 'delegated',
  RD: 'rd',
  REC: 'rec',
  REC_AUX: 'rec-aux',
  RTT: 'rtt',
  DATA: 'data',
}

class TraceRun {
  readonly differences: string[] = []
  readonly #machine: Machine
  readonly #rmm: Rmm
  readonly #guests = new Map<string, TraceGuest>()

  constructor(platformToken: Uint8Array | undefined, mica: boolean) {
    const guests: GuestMaker = (start) => this.#makeGuest(start)
    this.#machine = new Machine({ seed: new Uint8Array(32), guests })
    // A token's length is compared, and its platform half is not this monitor's: the recorded one stands in.
    if (platformToken !== undefined) Object.assign(this.#machine.rootOfTrust, { platformToken: () => platformToken })
    this.#rmm = new Rmm(this.#machine, { mica })
  }

  make(call: TraceCall): void {
    for (const event of call.mem ?? []) this.#apply(event)
    const entering = call.name === 'RMI_REC_ENTER'
    const guest = entering ? this.#prepare(call) : undefined
    const before = guest?.entries.length ?? 0
    const x = this.#smc([BigInt(call.fid), ...call.args.map(BigInt)])
    this.#compare(call, 'result', x.slice(0, 5).map(hex), call.ret)
    this.#compareGranules(call)
    this.#compareRealms(call)
    if (entering) this.#compareEntries(call, before)
    if (call.exit !== undefined) this.#compareExit(call)
    if (call.readback !== undefined) this.#compareMemory(call, call.readback)
  }

  #makeGuest(start: GuestStart): TraceGuest {
    const guest = this.#guests.get(start.rec) ?? new TraceGuest(this.#view(), [])
    for (const [index, value] of start.gprs.entries()) guest.x[index] = value
    this.#guests.set(start.rec, guest)
    return guest
  }

  #view() {
    return {
      writePhysical: (address: number, bytes: Uint8Array) =>
        this.#machine.memory.bytes.set(bytes, address - this.#base),
      setFault: (address: number, fault: boolean) => this.#setFault(address, fault),
      callFromOtherPe: (registers: readonly bigint[]) => void this.#smc(registers),
    }
  }

  #prepare(call: TraceCall): TraceGuest {
    const name = hex(BigInt(call.args[0]!))
    const rec = this.#rmm.monitor.recAt(Number(call.args[0]))
    // A recorded guest has its own program for every entry: it makes an interrupted call again by itself, or another.
    if (rec?.pending.kind === 'retry-call') rec.pending = NOTHING_PENDING
    const known = this.#guests.get(name)
    const guest = rec?.guest === undefined || known === undefined ? new TraceGuest(this.#view(), []) : known
    guest.program = [...(call.realm_program ?? [])]
    this.#guests.set(name, guest)
    return guest
  }

  #smc(registers: readonly bigint[]): bigint[] {
    const x = createRegisters()
    for (const [index, value] of registers.entries()) x[index] = value
    this.#machine.smc(x)
    return [...x]
  }

  get #base(): number {
    return this.#machine.memory.base
  }

  #bytes(address: number, length: number): Uint8Array {
    return this.#machine.memory.bytes.slice(address - this.#base, address - this.#base + length)
  }

  #apply(event: MemoryEvent): void {
    const address = Number(event.addr)
    if (event.pas_fault !== undefined) this.#setFault(address, event.pas_fault)
    if (event.size === undefined) return
    const bytes = new Uint8Array(event.size).fill(event.fill ?? 0)
    for (const [offset, text] of event.chunks ?? []) bytes.set(Buffer.from(text, 'hex'), Number(offset))
    this.#machine.memory.bytes.set(bytes, address - this.#base)
  }

  #setFault(address: number, fault: boolean): void {
    const granule = this.#machine.memory.granuleIndex(physicalAddressOf(address))!
    // A granule that is the Realm world's is out of the host's reach already.
    if (this.#machine.memory.pas(granule) === PAS.realm) return
    this.#machine.memory.setPas(granule, fault ? PAS.secure : PAS.nonSecure)
  }

  #compareMemory(call: TraceCall, readback: NonNullable<TraceCall['readback']>): void {
    const address = Number(readback.addr)
    if (readback.hex !== undefined) {
      const bytes = this.#bytes(address, readback.hex.length / 2)
      this.#compare(call, 'memory', text(bytes), readback.hex)
      return
    }
    const expected = new Uint8Array(GRANULE_SIZE).fill(readback.fill ?? 0)
    for (const [offset, bytes] of readback.chunks ?? []) expected.set(Buffer.from(bytes, 'hex'), Number(offset))
    this.#compare(call, 'memory', text(this.#bytes(address, GRANULE_SIZE)), text(expected))
  }

  #compareGranules(call: TraceCall): void {
    const { granules } = this.#rmm.monitor
    for (const { addr, state } of call.granules ?? []) {
      const granule = this.#machine.memory.granuleIndex(physicalAddressOf(Number(addr)))!
      this.#compare(call, `state of ${addr}`, granuleStateName(granules.state(granule)), STATES[state]!)
    }
  }

  #compareRealms(call: TraceCall): void {
    for (const [rd, recorded] of Object.entries(call.realms ?? {})) {
      const realm = this.#rmm.monitor.realmAt(Number(rd))
      if (recorded.state !== undefined && realm !== undefined) {
        this.#compare(call, 'realm', realm.state.replace('-', '_').toUpperCase(), recorded.state)
      }
      if (recorded.rim !== undefined) this.#compare(call, 'rim', text(realm!.rim), recorded.rim)
      if (recorded.rem !== undefined) this.#compare(call, 'rem', realm!.rems.map(text), recorded.rem)
    }
  }

  #compareEntries(call: TraceCall, before: number): void {
    const guest = this.#guests.get(hex(BigInt(call.args[0]!)))!
    const entries = guest.entries.slice(before)
    const recorded = call.realm ?? []
    this.#compare(call, 'entries', entries.length, recorded.length)
    for (const [index, step] of recorded.entries()) {
      const x = entries[index]?.x.map(hex) ?? []
      this.#compare(call, `registers at entry ${index}`, x.slice(0, x.findLastIndex((v) => v !== '0x0') + 1), step.in)
      if (index > 0)
        this.#compare(call, `injection at entry ${index}`, entries[index]?.injected, step.esr_el1 !== undefined)
    }
  }

  #compareExit(call: TraceCall): void {
    const half = this.#bytes(Number(call.args[1]) + 0x800, 0x800)
    const exit = decodeRmiRecExit(half)
    const members: Record<string, string | readonly string[]> = {}
    for (const name of Object.keys(exit) as (keyof RmiRecExit)[]) {
      const value = exit[name]
      if (typeof value === 'number' || typeof value === 'bigint') {
        if (BigInt(value) !== 0n || name === 'exit_reason') members[name] = hex(BigInt(value))
      } else if (value.some((word) => word !== 0n)) {
        const end = name === 'gprs' ? value.findLastIndex((word) => word !== 0n) + 1 : value.length
        members[name] = value.slice(0, end).map(hex)
      }
    }
    // FIQ and IRQ are one to these PEs.
    const recorded = {
      ...call.exit,
      exit_reason: call.exit?.['exit_reason'] === '0x2' ? '0x1' : call.exit?.['exit_reason'],
    }
    this.#compare(call, 'exit', members, recorded)
  }

  #compare(call: TraceCall, what: string, actual: unknown, recorded: unknown): void {
    const a = JSON.stringify(sorted(actual))
    const r = JSON.stringify(sorted(recorded))
    if (a !== r)
      this.differences.push(`call ${call.i} ${call.name} (${call.note ?? ''}): ${what} is ${a}, recorded ${r}`)
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
