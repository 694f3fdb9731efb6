import { assignAddresses, describeFact, type WorkflowMemory } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Scope } from './scope.ts'

/** The memories with their addresses; as they were if there is no room, which is reported. */
export function placeMemories(memories: readonly WorkflowMemory[], scope: Scope): readonly WorkflowMemory[] {
  const assignment = assignAddresses(memories)
  if (assignment.kind === 'assigned') return assignment.memories
  const span = scope.placeOf(String(assignment.fact.facts['memory']))
  if (span !== undefined) scope.report(messages.noRoom({ reason: describeFact(assignment.fact) }, span))
  return memories
}
