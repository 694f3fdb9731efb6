import { printDot, printMermaid } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { checkWritable, writeBytes } from '../files.ts'
import { nearest } from '../nearest.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { chosenWorkflow } from '../workflow/chosen-workflow.ts'
import { readStatedFile } from '../workflow/load-workflow.ts'

const HELP = `usage: mica graph FILE [--format svg|dot|mermaid] [-o FILE] [--policy NAME]

Draws a workflow: peers, channels and whatever meets the host. An arrow is a right, from who writes to who reads. Trusted peers
are green, distrusted ones yellow, the host is red; what the policy does not bound is dashed. The same policy gives the same
bytes.

  --format F     svg, dot (Graphviz) or mermaid; by the ending of the output, else svg
  --output FILE  where to write, -o for short; else standard output
  --policy NAME  which policy, of a file with several

example: mica graph pipeline.mica -o pipeline.svg
Exit codes: 0 drawn, 1 the policy has errors besides violated assertions, 2 usage, or a file cannot be read or written.`

const RENDERERS: Readonly<Record<string, (workflow: Workflow) => Promise<string> | string>> = {
  svg: async (workflow) => (await import('../graph/svg.ts')).renderSvg(workflow),
  dot: printDot,
  mermaid: printMermaid,
}

const ENDINGS: Readonly<Record<string, string>> = { dot: 'dot', gv: 'dot', mmd: 'mermaid', mermaid: 'mermaid' }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, {
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
    policy: { type: 'string' },
  })
  const file = given.only('policy file')
  const output = given.text('output')
  const render = rendererOf(given.text('format') ?? ENDINGS[output?.split('.').at(-1) ?? ''] ?? 'svg')
  if (output !== undefined) checkWritable(output, [file])
  const loaded = readStatedFile(file, terminal, { otherwise: 'nothing drawn', json: false })
  if (loaded === undefined) return 1
  const text = await render(chosenWorkflow(loaded, given.text('policy')))
  if (output === undefined) terminal.out(text.trimEnd())
  else writeBytes(output, text)
  return 0
}

function rendererOf(format: string): (typeof RENDERERS)[string] {
  const render = Object.hasOwn(RENDERERS, format) ? RENDERERS[format] : undefined
  if (render !== undefined) return render
  const names = Object.keys(RENDERERS)
  const meant = nearest(format, names)
  throw new UsageError(
    `there is no format \`${format}\``,
    meant === undefined ? `formats are ${names.join(', ')}` : `did you mean ${meant}?`,
  )
}

/** `mica graph`: a picture of a workflow. */
export const graphCommand: Command = { help: HELP, run }
