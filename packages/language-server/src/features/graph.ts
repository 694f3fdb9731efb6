import { pictureOf, printMermaid } from '@mica/dsl'
import type { Analysis } from '../analysis.ts'
import type { Graph } from '../protocol.ts'

/** The picture of the workflow, or of the policy that an offset lies in; none where an error leaves open what it says. */
export function graphAt(analysis: Analysis, offset: number): Graph | undefined {
  const [flows] = analysis.statementsAt(offset)
  if (flows === undefined) return undefined
  return { title: pictureOf(flows.workflow).title, mermaid: printMermaid(flows.workflow) }
}
