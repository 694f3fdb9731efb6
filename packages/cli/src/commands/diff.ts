import { type DiffLine, describeChange, describeDiff, describeHop, positionOf } from '@mica/dsl'
import { type Change, diffWorkflows, type Width, type Workflow, type WorkflowDiff } from '@mica/policy'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { type Sides, sidesOf } from '../diff/sides.ts'
import type { Terminal } from '../terminal.ts'
import { placeOf } from '../workflow/chosen-workflow.ts'
import { countDiagnostics, isStated, type LoadedWorkflow, printDiagnostics } from '../workflow/load-workflow.ts'

const HELP = `usage: mica diff OLD [NEW] [--json]

Says in words what a change of a policy means: what may newly flow, around whom and by which path, what the host newly sees,
which rights, transitions and peers are wider or narrower, which assertions are gone. Layout, order and comments are nothing.

OLD and NEW are files, or REV:FILE of git. OLD may be a revision alone: then NEW, or every policy file below this folder that
has changed, itself or in what it imports, is compared with what it was there.

  --json   [{"file", "name", "widened", "changes": [{width, kind, text, …}]}] on standard output

example: mica diff HEAD~1 pipeline.mica
Exit codes: 0 nothing is wider, 1 something is wider or a file could not be compared, 2 usage, or a file cannot be read.`

/** What one policy or workflow of a file has become. */
interface Compared {
  readonly name: string
  readonly diff: WorkflowDiff
  readonly sides: Sides
}

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, { json: { type: 'boolean' } })
  const [old = '', now] = given.several('policy file', 1, 2)
  const all = sidesOf(old, now)
  const sound = all.filter((sides) => !printProblems(sides, terminal))
  const compared = sound.flatMap(compare)
  if (given.flag('json')) terminal.out(JSON.stringify(compared.map(asJson)))
  else if (all.length === 0) terminal.out('no policy has changed')
  else for (const [index, each] of compared.entries()) print(each, index > 0, terminal)
  return sound.length < all.length || compared.some(({ diff }) => diff.widened) ? 1 : 0
}

/** Says what is wrong with either side; whether that is too much to compare them. */
function printProblems({ before, after }: Sides, terminal: Terminal): boolean {
  const broken = [before, after].filter((loaded) => loaded !== undefined && !isStated(loaded))
  for (const loaded of broken) {
    if (loaded === undefined) continue
    printDiagnostics(loaded, terminal)
    terminal.err(`${loaded.file}: ${countDiagnostics(loaded.diagnostics)}, not compared`)
  }
  const violated = after?.diagnostics.filter(({ severity }) => severity === 'error') ?? []
  if (broken.length === 0 && after !== undefined) printDiagnostics({ ...after, diagnostics: violated }, terminal)
  return broken.length > 0
}

const NOTHING: Omit<Workflow, 'name'> = { peers: [], memories: [], transitions: [], assertions: [] }

/** A file that is new, or gone, is compared with a workflow of nothing; so is a policy of a file of several. */
function compare(sides: Sides): readonly Compared[] {
  const [before, after] = [meanings(sides.before), meanings(sides.after)]
  const [was] = before.values()
  const [[name, is] = []] = after
  // The only workflow of a file is the same one whatever it is called.
  if (before.size === 1 && after.size === 1 && was !== undefined && is !== undefined && name !== undefined) {
    return [{ name, diff: diffWorkflows(was, is), sides }]
  }
  const names = [...new Set([...after.keys(), ...before.keys()])]
  return names.map((each) => {
    const empty = { ...NOTHING, name: each }
    return { name: each, diff: diffWorkflows(before.get(each) ?? empty, after.get(each) ?? empty), sides }
  })
}

function meanings(loaded: LoadedWorkflow | undefined): ReadonlyMap<string, Workflow> {
  const { workflow, views } = loaded?.stated ?? { views: [] }
  if (workflow !== undefined) return new Map([[workflow.name, workflow]])
  return new Map(views.map((view) => [view.name, view.workflow]))
}

const MARKS: Readonly<Record<Width, string>> = { wider: '+', narrower: '-', other: ' ' }
const TITLES: Readonly<Record<Width, string>> = { wider: 'wider', narrower: 'narrower', other: 'otherwise' }

function print({ name, diff, sides }: Compared, again: boolean, terminal: Terminal): void {
  if (again) terminal.out()
  const lines = describeDiff(diff)
  const verdict = diff.widened ? 'something is wider' : lines.length === 0 ? 'the same' : 'nothing is wider'
  terminal.out(`${sides.name}, ${name}: ${verdict}`)
  for (const width of ['wider', 'narrower', 'other'] as const) {
    const some = lines.filter((line) => line.width === width)
    if (some.length > 0) terminal.out(`${TITLES[width]}`)
    for (const line of some) printLine(line, sides, terminal)
  }
}

function printLine(line: DiffLine, sides: Sides, terminal: Terminal): void {
  const { red, green } = terminal.style
  const paint = { wider: red, narrower: green, other: (text: string) => text }[line.width]
  const place = placeIn(sides, line)
  terminal.out(
    `  ${paint(`${MARKS[line.width]} ${line.text}`)}${line.path === undefined && place !== '' ? `  ${place}` : ''}`,
  )
  for (const [index, hop] of (line.path ?? []).entries()) {
    const at = placeIn(sides, { side: line.side, origin: hop.origin })
    terminal.out(`      ${index + 1}. ${describeHop(hop)}${at === '' ? '' : `  ${at}`}`)
  }
}

/** Where a change is written, as `file:line:column`. */
function placeIn(sides: Sides, { side, origin }: Pick<Change, 'side' | 'origin'>): string {
  const loaded = sides[side]
  const place = loaded && placeOf(loaded, origin)
  return place === undefined ? '' : positionOf(place.span)
}

function asJson({ name, diff, sides }: Compared): object {
  const changes = diff.changes.map((change) => {
    const { origin, side, ...facts } = change
    const loaded = sides[side]
    const place = loaded && placeOf(loaded, origin)
    const path = 'path' in facts ? { path: facts.path?.map(({ from, to, reason }) => ({ from, to, reason })) } : {}
    const at = place === undefined ? {} : { file: place.span.file, line: place.span.line, column: place.span.column }
    return { ...facts, ...path, side, text: describeChange(change), ...at }
  })
  return { file: sides.name, name, widened: diff.widened, changes }
}

/** `mica diff`: what a change of a policy means. */
export const diffCommand: Command = { help: HELP, run }
