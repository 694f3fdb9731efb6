import type { Workflow } from '@mica/policy'
import type { GroupExpectations } from '@mica/verifier'
import type { BuiltGroup } from './build-group.ts'

/**
 * What an author expects of a report on a workflow: these images, all of them present, and the assertions as written.
 *
 * @param rims Accepted measurements by the name of the peer: from a build, or from its lock.
 */
export function expectationsOf(
  workflow: Workflow,
  rims: ReadonlyMap<string, readonly Uint8Array[]>,
): GroupExpectations {
  const channels = workflow.memories.filter(({ kind, mappings }) => kind === 'protected' && mappings.length > 1)
  return {
    peers: rims,
    assertions: workflow.assertions,
    present: 'all',
    active: channels.map(({ name }) => name),
  }
}

/** The measurements of a group, as {@link expectationsOf} takes them. */
export function rimsOf(group: BuiltGroup): ReadonlyMap<string, readonly Uint8Array[]> {
  return new Map(group.peers.map(({ name, rim }) => [name, [rim]]))
}
