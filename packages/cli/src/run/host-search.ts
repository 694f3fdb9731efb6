import type { Deployment } from '@mica/plugins'
import type { Workflow } from '@mica/policy'
import { type Leak, LeakSearch } from './leak-search.ts'

/** What a search of everything the host could see came to. */
export interface LeakReport {
  readonly leaks: readonly Leak[]
  /** Different fragments of 16 bytes that were looked for. */
  readonly fragments: number
  /** Bytes searched. */
  readonly searched: number
}

/**
 * Looks for the client's data in everything the host saw. What lies in protected memories at the end is looked for too,
 * where the backend lets a laboratory see it: it holds what the components made of the data.
 */
export function searchHostView(
  deployment: Deployment,
  workflow: Workflow,
  data: { readonly input: Uint8Array; readonly output: Uint8Array },
): LeakReport {
  const search = new LeakSearch()
  search.add('the input', data.input)
  search.add('the output', data.output)
  for (const { name, kind } of workflow.memories) {
    if (kind === 'protected' && deployment.laboratory !== undefined) {
      search.add(`channel ${name}`, deployment.laboratory.sharedMemory(name))
    }
  }
  let searched = 0
  const counted = function* (parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
    for (const part of parts) {
      searched += part.length
      yield part
    }
  }
  const { seen } = deployment.hostView
  const leaks = [...search.search(counted(seen)), ...search.search(counted(deployment.hostView.nonSecureMemory()))]
  return { leaks, fragments: search.fragments, searched }
}
