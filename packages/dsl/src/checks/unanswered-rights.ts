import { RIGHT, type WorkflowMemory } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** What is written has a reader, and what is read a writer; the host is both for unprotected memory. */
export const unansweredRights: Check = ({ workflow, scope }, report) => {
  for (const memory of workflow.memories) {
    const span = scope.placeOf(memory.name)
    if (memory.kind === 'unprotected' || span === undefined) continue
    const written = answers(memory, RIGHT.write, RIGHT.read | RIGHT.execute)
    const read = answers(memory, RIGHT.read | RIGHT.execute, RIGHT.write)
    if (!written) report(messages.unansweredRight({ memory: memory.name, right: 'write' }, span))
    if (!read) report(messages.unansweredRight({ memory: memory.name, right: 'read' }, span))
  }
}

/** Whether somebody has `right` only if somebody else has one of `answer`. */
function answers({ mappings }: WorkflowMemory, right: number, answer: number): boolean {
  const holders = mappings.filter((mapping) => (mapping.rights & right) !== 0)
  const many = (mapping: (typeof mappings)[number]): boolean => mapping.peer === null && mapping.anyCount !== 1
  return (
    holders.length === 0 ||
    mappings.some(
      (mapping) => (mapping.rights & answer) !== 0 && holders.some((holder) => holder !== mapping || many(mapping)),
    )
  )
}
