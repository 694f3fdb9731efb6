import { isSpan, positionOf, type Span } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { nearest } from '../nearest.ts'
import { UsageError } from '../usage-error.ts'
import type { LoadedWorkflow } from './load-workflow.ts'

/**
 * The workflow of a file; of a file of policies the one that is named, or the only one, as a graph.
 *
 * Throws {@link UsageError} when that leaves several, or none.
 */
export function chosenWorkflow({ file, workflow, views }: LoadedWorkflow, name: string | undefined): Workflow {
  const names = views.map((view) => view.name)
  if (name === undefined) {
    const only = workflow ?? (views.length === 1 ? views[0]?.workflow : undefined)
    if (only !== undefined) return only
    if (names.length === 0) throw new UsageError(`${file} has neither workflow nor policy`)
    throw new UsageError(`${file} has several policies`, `choose one with --policy: ${names.join(', ')}`)
  }
  const chosen = views.find((view) => view.name === name)
  if (chosen !== undefined) return chosen.workflow
  const meant = nearest(name, names)
  throw new UsageError(`${file} has no policy \`${name}\``, meant === undefined ? undefined : `did you mean ${meant}?`)
}

/** Where something was written, and the line, without its layout. */
export interface Place {
  readonly span: Span
  readonly line: string
}

/** The place of an item by its origin; `undefined` if nobody wrote it. */
export function placeOf({ sources }: Pick<LoadedWorkflow, 'sources'>, origin: unknown): Place | undefined {
  if (!isSpan(origin)) return undefined
  const line = sources.get(origin.file)?.split(/\r\n|\r|\n/)[origin.line - 1] ?? ''
  return { span: origin, line: line.trim().replace(/\s+/g, ' ') }
}

/** `file:line:column  the line`, or nothing. */
export function printPlace(place: Place | undefined): string {
  return place === undefined ? '' : `${positionOf(place.span)}  ${place.line}`
}
