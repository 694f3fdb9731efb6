import type { Workflow } from '@mica/policy'
import { UsageError } from '../usage-error.ts'

/** The one unprotected channel through which the client reaches the group: that of a trusted gateway, if there is one. */
export interface GatewayDoor {
  readonly peer: string
  readonly memory: string
}

/** The client's way into a workflow. Throws {@link UsageError} when there is none, or more than one. */
export function gatewayDoor(workflow: Workflow): GatewayDoor {
  const doors = workflow.memories.flatMap(({ name, kind, mappings: [mapping] }) => {
    const peer = mapping?.peer === undefined || mapping.peer === null ? undefined : workflow.peers[mapping.peer]
    return kind === 'unprotected' && peer !== undefined ? [{ peer, memory: name }] : []
  })
  const trusted = doors.filter(({ peer }) => peer.trusted)
  const [door, ...others] = trusted.length > 0 ? trusted : doors
  if (door === undefined) {
    throw new UsageError(
      'the workflow has no channel to the host, so nothing can enter it',
      'give its gateway one: `channel nic GATE <-> host 64 KiB`',
    )
  }
  if (others.length > 0) {
    throw new UsageError(
      "the workflow has more than one channel to the host, and nothing says which is the client's",
      'say which gateway is `trusted`, and give it one channel to the host',
    )
  }
  return { peer: door.peer.name, memory: door.memory }
}
