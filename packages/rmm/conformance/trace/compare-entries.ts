import type { Compare } from './difference.ts'
import type { RecordedCall, RecordedEntry } from './recording.ts'
import { hex, trimmed } from './text.ts'
import type { TraceEntry, TraceGuest } from './trace-guest.ts'

/** Compares how the monitor entered a guest, each time in one RMI_REC_ENTER, with how it was recorded. */
export function compareEntries(compare: Compare, call: RecordedCall, guest: TraceGuest): void {
  const recorded = call.realm ?? []
  for (const [index, step] of recorded.entries()) {
    const entry = guest.entries[index]
    if (entry !== undefined) compareEntry(compare, index, entry, step)
  }
  compare('entries into the realm', guest.entries.length, recorded.length)
  compare('unused actions', guest.program.length, call.realm_program_unused ?? 0)
}

function compareEntry(compare: Compare, index: number, entry: TraceEntry, step: RecordedEntry): void {
  compare(`entry ${index}: pc`, hex(entry.pc), step.pc)
  compare(`entry ${index}: registers`, trimmed(entry.x), step.in)
  const { esr_el1, far_el1, elr_el1 } = step
  const injected = esr_el1 === undefined ? undefined : [esr_el1, far_el1, elr_el1]
  compare(`entry ${index}: injected exception`, entry.injected?.map(hex), injected)
  compare(`entry ${index}: hcr`, hex(entry.hcr), step.hcr)
  compare(`entry ${index}: exit`, entry.act, step.act)
  if (step.out !== undefined) compare(`entry ${index}: registers at its exit`, trimmed(entry.out), step.out)
  const calls = (step.during ?? []).flatMap(({ other_pe_rmi }) => other_pe_rmi ?? [])
  for (const [i, { args, x }] of calls.entries()) {
    compare(`entry ${index}: result on another PE`, entry.otherPeCalls[i]?.map(hex), asSeen(x, args))
  }
}

/** What a caller sees of results: where nothing was written, x1 to x3 are zero and x4 is as it was. */
function asSeen(x: readonly (string | null)[], args: readonly string[]): string[] {
  return x.map((value, register) => value ?? (register === 4 ? (args[3] ?? '0x0') : '0x0'))
}
