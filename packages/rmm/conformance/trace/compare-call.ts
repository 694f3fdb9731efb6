import { GRANULE_SIZE, physicalAddressOf, SMC_UNKNOWN } from '@mica/hw-sim'
import { rmiStatusName, unpackStatus } from '../../src/abi/index.ts'
import { granuleStateName } from '../../src/granule/state.ts'
import { compareEntries } from './compare-entries.ts'
import { exitMembers } from './compare-exit.ts'
import type { Compare } from './difference.ts'
import type { Readback, RecordedCall } from './recording.ts'
import { hex, hexBytes } from './text.ts'
import { contentOf, type TraceMachine } from './trace-machine.ts'

/** Makes a recorded call and compares all that was recorded of it. */
export function compareCall(compare: Compare, machine: TraceMachine, call: RecordedCall): void {
  for (const event of call.mem ?? []) machine.apply(event)
  const guest =
    call.name === 'RMI_REC_ENTER' ? machine.prepare(Number(call.args[0]), call.realm_program ?? []) : undefined
  const x = machine.smc([BigInt(call.fid), ...call.args.map(BigInt)])
  compare('result', x.slice(0, 5).map(hex), call.ret)
  compareStatus(compare, call, x[0]!)
  if (guest !== undefined) compareEntries(compare, call, guest)
  if (call.exit !== undefined) compare('exit', exitMembers(machine, call), call.exit)
  compareGranules(compare, machine, call)
  compareRealms(compare, machine, call)
  if (call.readback !== undefined) compareMemory(compare, machine, call.readback)
}

/** Status and index, as recordings decode them from x0. */
function compareStatus(compare: Compare, call: RecordedCall, x0: bigint): void {
  if (call.status === undefined) return
  const { status, index } = unpackStatus(x0)
  compare('status', rmiStatusName(status), call.status)
  if (x0 !== SMC_UNKNOWN) compare('index', index, call.index ?? 0)
}

/** How recordings call the states of the tracker. */
const STATE_NAMES: Readonly<Record<string, string>> = {
  undelegated: 'NS',
  delegated: 'DELEGATED',
  rd: 'RD',
  rec: 'REC',
  'rec-aux': 'REC_AUX',
  rtt: 'RTT',
  data: 'DATA',
}

/** States only: references are counted by each monitor in its own way. */
function compareGranules(compare: Compare, machine: TraceMachine, call: RecordedCall): void {
  const { granules, memory } = machine.rmm.monitor
  for (const { addr, state } of call.granules ?? []) {
    const granule = memory.granuleIndex(physicalAddressOf(Number(addr)))
    const is = granule === undefined ? 'no granule' : STATE_NAMES[granuleStateName(granules.state(granule))]
    compare(`state of ${addr}`, is, state)
  }
}

function compareRealms(compare: Compare, machine: TraceMachine, call: RecordedCall): void {
  for (const [rd, recorded] of Object.entries(call.realms ?? {})) {
    const realm = machine.rmm.monitor.realmAt(Number(rd))
    if (realm === undefined || recorded === null) {
      compare(`realm ${rd} exists`, realm !== undefined, recorded !== null)
      continue
    }
    if (recorded.state !== undefined)
      compare('realm state', realm.state.replace('-', '_').toUpperCase(), recorded.state)
    if (recorded.rim !== undefined) compare('rim', hexBytes(realm.rim), recorded.rim)
    if (recorded.rem !== undefined) compare('rem', realm.rems.map(hexBytes), recorded.rem)
  }
}

function compareMemory(compare: Compare, machine: TraceMachine, readback: Readback): void {
  const field = `memory at ${readback.addr}`
  const read = (length: number) => hexBytes(machine.readPhysical(Number(readback.addr), length))
  if (readback.hex !== undefined) {
    compare(field, read(readback.hex.length / 2), readback.hex)
    return
  }
  const { size = GRANULE_SIZE } = readback
  const expected = hexBytes(contentOf(size, readback.fill, readback.chunks))
  // Some recordings say only whether memory was as described.
  const holds = readback.all_zero ?? readback.matches ?? true
  if (holds) compare(field, read(size), expected)
  else compare(`${field} is as described`, read(size) === expected, false)
}
