import { describeExposures, describeHop, parseQuery, printRights } from '@mica/dsl'
import { pageCodes, pagePath, readPage } from '@mica/dsl/pages'
import { explainFlow, type FlowExplanation, type FlowGraph, type FlowQuery, flowGraph, type Hop } from '@mica/policy'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { nearest } from '../nearest.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { plural, table } from '../words.ts'
import { chosenWorkflow, placeOf, printPlace } from '../workflow/chosen-workflow.ts'
import { type LoadedWorkflow, readStatedFile } from '../workflow/load-workflow.ts'
import { transitionDefaults } from './transition-defaults.ts'

const HELP = `usage: mica explain FILE "A -> B" [--policy NAME] [--json]
       mica explain MICA1505 [--json]
       mica explain --defaults [--json]

Shows how data of A can come to B: every shortest path, each step with its rights and the line that allows it. Where there is
none, how far data goes from A, and from where it comes to B. A and B are peers, channels or host.
Given the code of an error or warning, prints what it means, with an example that is wrong and one that is right.

  --policy NAME  which policy, of a file with several
  --defaults     what happens to calls, exceptions and interrupts that a policy does not name
  --json         {"query", "count", "paths", "writers", "reached", "reaching"} on standard output; of a code
                 {"code", "docs", "page"}

A question may go on as an assertion does: "raw -> host except via moderator", "a -> host assuming svc confined".

example: mica explain pipeline.mica "raw -> host"
Exit codes: 0 there is a path, 1 there is none or the policy has errors besides violated assertions, 2 usage, or no file.`

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, {
    policy: { type: 'string' },
    defaults: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  if (given.flag('defaults')) return explainDefaults(given, terminal)
  const [code, ...others] = given.several('policy file', 1)
  if (code !== undefined && others.length === 0 && isCode(code)) return explainCode(code.toUpperCase(), given, terminal)
  const [file = '', question] = given.several('policy file', 1, 2)
  if (question === undefined) throw new UsageError('no question given', `mica explain ${file} "A -> B"`)
  const parsed = parseQuery(question)
  if (parsed.kind === 'malformed')
    throw new UsageError(parsed.reason, 'a question is "A -> B", or "A -> B except via C"')
  const json = given.flag('json')
  const loaded = readStatedFile(file, terminal, { otherwise: 'nothing explained', json })
  if (loaded === undefined) return 1
  const workflow = chosenWorkflow(loaded, given.text('policy'))
  const graph = flowGraph(workflow)
  checkNames(graph, parsed.query)
  const explanation = explainFlow(graph, parsed.query)
  if (json) terminal.out(JSON.stringify(asJson(loaded, parsed.query, explanation)))
  else for (const line of inWords(loaded, graph, parsed.query, explanation)) terminal.out(line)
  return explanation.count > 0 ? 0 : 1
}

const isCode = (text: string): boolean => /^MICA\d+$/i.test(text)

function explainCode(code: string, given: Arguments, terminal: Terminal): ExitCode {
  const page = readPage(code)
  if (page === undefined) {
    const meant = nearest(code, pageCodes())
    throw new UsageError(`there is no code \`${code}\``, meant === undefined ? undefined : `did you mean ${meant}?`)
  }
  terminal.out(given.flag('json') ? JSON.stringify({ code, docs: pagePath(code), page }) : page.trimEnd())
  return 0
}

function explainDefaults(given: Arguments, terminal: Terminal): ExitCode {
  given.several('policy file', 0, 0)
  const rows = transitionDefaults()
  if (given.flag('json')) terminal.out(JSON.stringify(rows))
  else {
    const cells = rows.map(({ class: of, name, ids, default: action, meaning }) => [of, name, action, meaning, ids])
    for (const line of table([['class', 'name', 'default', 'what it is', 'ids'], ...cells], 'left')) terminal.out(line)
    terminal.out('everything else is blocked')
  }
  return 0
}

function checkNames(graph: FlowGraph, { from, to, except, confined }: FlowQuery): void {
  for (const name of [from, to, ...except, ...confined]) {
    if (graph.nodesOfName.has(name)) continue
    const meant = nearest(name, [...graph.nodesOfName.keys()])
    throw new UsageError(
      `nothing here is called \`${name}\``,
      meant === undefined ? `names are ${[...graph.nodesOfName.keys()].join(', ')}` : `did you mean ${meant}?`,
    )
  }
}

const questionText = ({ from, to, except, confined }: FlowQuery): string => {
  const around = except.length === 0 ? '' : ` except via ${except.join(', ')}`
  const assuming = confined.length === 0 ? '' : ` assuming ${confined.join(', ')} confined`
  return `${from} -> ${to}${around}${assuming}`
}

function inWords(
  loaded: LoadedWorkflow,
  graph: FlowGraph,
  query: FlowQuery,
  { count, paths, writers, reached, reaching }: FlowExplanation,
): readonly string[] {
  const lines: string[] = []
  const names = (some: readonly string[]): string => (some.length === 0 ? 'nothing' : some.join(', '))
  if (count === 0) {
    lines.push(`${questionText(query)}: no path`)
    lines.push(
      `  data of ${query.from} can come to ${names(reached)}`,
      `  data of ${names(reaching)} can come to ${query.to}`,
    )
  } else {
    const steps = plural(paths[0]!.length, 'step')
    const shown = paths.length < count ? `, ${paths.length} of them shown` : ''
    lines.push(`${questionText(query)}: ${plural(count, 'shortest path')} of ${steps}${shown}`)
    for (const path of paths) lines.push('', ...pathInWords(loaded, path))
  }
  if (writers.length > 0) lines.push('', `what is in ${query.from} was written by ${writers.join(', ')}`)
  const remarks = remarksOn(graph, query)
  return remarks.length === 0 ? lines : [...lines, '', ...remarks]
}

function pathInWords(loaded: LoadedWorkflow, path: readonly Hop[]): readonly string[] {
  const rows = path.map((hop, index) => [
    `  ${index + 1}. ${describeHop(hop)}`,
    printPlace(placeOf(loaded, hop.origin)),
  ])
  return table(rows, 'left')
}

/** What a question about the host leaves open: how much it sees, and what it notices without any path. */
function remarksOn(graph: FlowGraph, { to }: FlowQuery): readonly string[] {
  if (to !== graph.nodes[graph.host]!.name) return []
  return describeExposures(graph).map(({ component, text }) => `the host sees of ${component} ${text}`)
}

function asJson(loaded: LoadedWorkflow, query: FlowQuery, explanation: FlowExplanation): object {
  const paths = explanation.paths.map((path) =>
    path.map(({ from, to, reason, rights, origin }) => {
      const place = placeOf(loaded, origin)
      return {
        from,
        to,
        reason,
        ...(rights === undefined ? {} : { rights: printRights(rights) }),
        ...(place === undefined ? {} : { file: place.span.file, line: place.span.line, column: place.span.column }),
      }
    }),
  )
  return { query, ...explanation, paths }
}

/** `mica explain`: the shortest paths between two places. */
export const explainCommand: Command = { help: HELP, run }
