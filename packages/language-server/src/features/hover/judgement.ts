import { describeHop } from '@mica/dsl'
import { judge, printAssertion } from '@mica/policy'
import type { Analysis } from '../../analysis.ts'
import { source } from '../../markdown.ts'

/** Whether the assertion that begins at an offset holds, why, and the path that shows it; once for each view that has it. */
export function describeJudgement(analysis: Analysis, offset: number): readonly string[] | undefined {
  const described = analysis.statements.flatMap(({ graph, workflow }) => {
    const stated = workflow.assertions.filter(({ origin }) => analysis.isHere(origin, offset))
    return judge(graph, stated).flatMap(({ assertion, holds, reason, path }) => [
      source(printAssertion(assertion)),
      `**${holds ? 'holds' : 'does not hold'}**: ${reason}`,
      (path ?? []).map((hop) => `- ${describeHop(hop)}`).join('\n'),
    ])
  })
  return described.length === 0 ? undefined : described
}
