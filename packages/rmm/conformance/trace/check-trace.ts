import { malformed, type Outcome } from '../outcome.ts'
import type { Recording } from './recording.ts'
import { recordingProblem } from './recording-shape.ts'
import { describeDifference, type ReplayOptions, replay } from './replay.ts'

/** Replays the trace in a JSON file. */
export function checkTrace(json: unknown, options: ReplayOptions): Outcome {
  const problem = recordingProblem(json)
  if (problem !== undefined) return malformed('traces', problem)
  const recording = json as Recording
  const { equal, differences } = replay(recording, options)
  const [first] = differences
  return {
    tallies: {
      traces: { equal: first === undefined ? 1 : 0, total: 1 },
      calls: { equal, total: recording.calls.length },
    },
    problem: first === undefined ? undefined : describeDifference(first),
  }
}
