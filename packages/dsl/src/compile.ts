import {
  checkWellFormed,
  DEFAULT_LIMITS,
  describeFact,
  encodeBlob,
  type Policy,
  project,
  type Workflow,
  withIdentities,
} from '@mica/policy'
import { meaningChecks, structureChecks } from './checks/index.ts'
import { type Diagnostic, hasErrors, type Report } from './diagnostic.ts'
import * as messages from './diagnostics.ts'
import { elaborate, type Program } from './elaborate/program.ts'
import { parse } from './syntax/parse.ts'
import type { SourceText } from './syntax/span.ts'

/** Diagnostics that are kept; the file is not read better by listing more. */
const DIAGNOSTIC_LIMIT = 100

export interface CheckOptions {
  /** Name of the file, as it is to stand in diagnostics. */
  readonly file: string
}

export interface Checked {
  /** The meaning of the file; absent if it has an error. */
  readonly workflow?: Workflow | undefined
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

export interface CompileOptions extends CheckOptions {
  /** Measurements of a peer's image, or nothing if it is not built. Asked for peers that name an image. */
  readonly rimOf?: ((peer: string) => readonly Uint8Array[] | undefined) | undefined
}

export interface Compiled extends Checked {
  /** By peer; empty if there is an error. */
  readonly policies: ReadonlyMap<string, Policy>
  /** The canonical encoding of each policy. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/**
 * Reads and checks a policy file.
 *
 * @param input The text, or its bytes if it may not be UTF-8. Nothing about it is ever thrown.
 */
export function check(input: string | Uint8Array, options: CheckOptions): Checked {
  const { program, diagnostics } = analyse(input, options)
  return { workflow: hasErrors(diagnostics) ? undefined : program?.workflow, diagnostics }
}

/** Checks a policy file, projects its workflow to each peer and encodes the policies. */
export function compile(input: string | Uint8Array, options: CompileOptions): Compiled {
  const { program, diagnostics: found, source } = analyse(input, options)
  const policies = new Map<string, Policy>()
  const blobs = new Map<string, Uint8Array>()
  if (program === undefined || hasErrors(found)) return { policies, blobs, diagnostics: found }
  const added: Diagnostic[] = []
  const report: Report = (diagnostic) => void added.push(diagnostic)
  const identified = identify(program, options, report)
  if (!hasErrors(added)) encodeAll(program, identified, policies, blobs, report)
  const diagnostics = inOrder([...found, ...added], source)
  if (!hasErrors(added)) return { workflow: identified, policies, blobs, diagnostics }
  return { policies: new Map(), blobs: new Map(), diagnostics }
}

interface Analysis {
  readonly program: Program | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly source: SourceText
}

function analyse(input: string | Uint8Array, { file }: CheckOptions): Analysis {
  const parsed = parse(input, { file })
  const { source } = parsed
  const diagnostics = [...parsed.diagnostics]
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic)
  const readable = !hasErrors(diagnostics)
  // What an unreadable file does not say is not missing: it may stand in the part that could not be read.
  const hasContent = parsed.file.items.length > 0
  const end = source.span(source.text.length, source.text.length)
  const program = readable || hasContent ? elaborate(parsed.file, end, report) : undefined
  if (program !== undefined) {
    for (const check of structureChecks) check(program, report)
    if (!hasErrors(diagnostics)) for (const check of meaningChecks) check(program, report)
  }
  return { program, diagnostics: inOrder(diagnostics, source), source }
}

/** The workflow with the measurements that are known only after the images are built. */
function identify(program: Program, { rimOf }: CompileOptions, report: Report): Workflow {
  const rims = new Map<string, readonly Uint8Array[]>()
  for (const { name, identity } of program.scope.peers.values()) {
    if (identity?.kind === 'label') report(messages.labelInThisTarget({ peer: name.text }, identity.span))
    if (identity?.kind !== 'image') continue
    const known = rimOf?.(name.text)
    if (known !== undefined && known.length > 0) rims.set(name.text, known)
    else report(messages.missingMeasurement({ peer: name.text, image: identity.path }, identity.span))
  }
  return withIdentities(program.workflow, rims)
}

function encodeAll(
  program: Program,
  workflow: Workflow,
  policies: Map<string, Policy>,
  blobs: Map<string, Uint8Array>,
  report: Report,
): void {
  for (const { name } of workflow.peers) {
    const refuse = (reason: string): void => {
      const span = program.scope.placeOf(name)
      if (span !== undefined) report(messages.notEncodable({ peer: name, reason }, span))
    }
    const projection = project(workflow, name)
    const fact = projection.kind === 'policy' ? checkWellFormed(projection.policy) : projection.fact
    if (projection.kind !== 'policy' || fact !== undefined) {
      if (fact !== undefined) refuse(describeFact(fact))
      continue
    }
    const blob = encodeBlob(projection.policy)
    if (blob.length > DEFAULT_LIMITS.blobBytes) {
      refuse(`it takes ${blob.length} bytes, over the limit of ${DEFAULT_LIMITS.blobBytes}`)
      continue
    }
    policies.set(name, projection.policy)
    blobs.set(name, blob)
  }
}

function inOrder(diagnostics: readonly Diagnostic[], source: SourceText): readonly Diagnostic[] {
  const sorted = [...diagnostics].sort((a, b) => a.span.offset - b.span.offset)
  if (sorted.length <= DIAGNOSTIC_LIMIT) return sorted
  const shown = sorted.slice(0, DIAGNOSTIC_LIMIT)
  const end = source.span(source.text.length, source.text.length)
  return [...shown, messages.tooManyProblems({ shown: DIAGNOSTIC_LIMIT }, end)]
}
