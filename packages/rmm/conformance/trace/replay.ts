import { oneLine } from '../outcome.ts'
import { conformanceHost } from '../platform.ts'
import { compareCall } from './compare-call.ts'
import { type Difference, firstDifference } from './difference.ts'
import type { RecordedCall, Recording } from './recording.ts'
import { TraceMachine } from './trace-machine.ts'

/** What came out of a replay. */
export interface Replay {
  /** Calls that were as recorded in everything. */
  readonly equal: number
  /** The first difference of each other call. */
  readonly differences: readonly CallDifference[]
}

/** A call that was not as recorded. */
export interface CallDifference extends Difference {
  readonly call: RecordedCall
}

export interface ReplayOptions {
  /** Whether the monitor has the Mica extension. */
  readonly mica: boolean
  /** The platform token of the recorded machine: tokens are as long as they were only if it stands in for ours. */
  readonly platformToken: Uint8Array
}

/** Makes every recorded call and compares all that was recorded. */
export function replay(recording: Recording, { mica, platformToken }: ReplayOptions): Replay {
  const machine = new TraceMachine({ ...conformanceHost(recording.platform_cfg, mica), platformToken })
  const differences: CallDifference[] = []
  for (const [before, call] of recording.calls.entries()) {
    try {
      const difference = firstDifference((compare) => compareCall(compare, machine, call))
      if (difference !== undefined) differences.push({ call, ...difference })
    } catch (error) {
      // A monitor that throws is in no state to go on with: no later call is as recorded either.
      const equal = before - differences.length
      differences.push({ call, field: 'answer', is: `an error: ${oneLine(error)}`, recorded: call.ret.join(' ') })
      return { equal, differences }
    }
  }
  return { equal: recording.calls.length - differences.length, differences }
}

/** One line of text. */
export function describeDifference({ call, field, is, recorded }: CallDifference): string {
  const note = call.note === undefined ? '' : ` (${oneLine(call.note)})`
  return `call ${call.i} ${call.name}${note}: ${field} is ${is}, recorded ${recorded}`
}
