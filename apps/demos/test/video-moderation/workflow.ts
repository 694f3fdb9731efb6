import {
  buildGroup,
  expectationsOf,
  loadWorkflow,
  type RunObserver,
  type RunResult,
  runWorkflow,
  seedOf,
} from '@mica/cli'
import { localVerifier, simulatedTrust, simulator } from '@mica/plugins'
import { writeAvi } from '../../video-moderation/realms/avi-writer.ts'
import { clipBytes, goodClip } from './clip.ts'

/** A clip of some frames of the demo's. */
export function shortClip(from: number, to: number): Uint8Array {
  const clip = goodClip(clipBytes)
  return writeAvi({ ...clip, frames: clip.frames.slice(from, to) })
}

/** Builds and runs a workflow of the demo on the simulated machine, with its own author's expectations. */
export async function runDemo(policyFile: URL, input: Uint8Array, observer: RunObserver = {}): Promise<RunResult> {
  const loaded = loadWorkflow(policyFile.pathname)
  if (loaded.workflow === undefined) throw new Error(`${policyFile.pathname} has errors`)
  const group = await buildGroup({ ...loaded, workflow: loaded.workflow })
  return runWorkflow({
    group,
    backend: simulator,
    verifier: localVerifier,
    trust: simulatedTrust,
    expectations: expectationsOf(group.workflow, new Map(group.peers.map(({ name, rim }) => [name, [rim]]))),
    input,
    seed: seedOf('test'),
    observer,
  })
}
