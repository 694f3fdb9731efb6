import {
  checkWellFormed,
  DEFAULT_LIMITS,
  describeFact,
  encodeBlob,
  encodePolyV1,
  type Fact,
  limitsFor,
  POLY_LIMITS,
  type Policy,
  project,
  type Workflow,
  withIdentities,
} from '@mica/policy'
import { type Analysis, analyse } from './analyse.ts'
import { checkMembers, membersOf } from './check-set.ts'
import type { Diagnostic, Report } from './diagnostic.ts'
import * as messages from './diagnostics.ts'
import type { Program } from './elaborate/program.ts'
import { type PolicyView, viewOf } from './elaborate/view.ts'
import type { ImportOptions } from './files/load-files.ts'
import { type NamedSymbol, symbolsOf } from './symbols.ts'
import type { Parsed } from './syntax/parse.ts'
import type { Span } from './syntax/span.ts'

/** Where a file and the files that it imports are found. The compiler reads nothing by itself. */
export type CheckOptions = ImportOptions

/** A form of policy that a machine reads: blob format 2, or that of the paper's prototype. */
export type Target = 'mica-v2' | 'poly-v1'

export interface Checked {
  /** The meaning of the file; absent if it has an error, or no workflow. */
  readonly workflow?: Workflow | undefined
  /** Its policies, in file order; empty if it has an error, or none. */
  readonly views: readonly PolicyView[]
  /** Both, also where assertions do not hold and nothing else is wrong: for whoever explains why they do not. */
  readonly stated: Pick<Checked, 'workflow' | 'views'>
  /** The file's own in the order of the text, then those of the files that it imports. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that places are in, by file: the file itself and all that it imports. */
  readonly sources: ReadonlyMap<string, string>
  /** The same files up to their meaning. */
  readonly parsed: ReadonlyMap<string, Parsed>
  /** Every name that is declared, and where it is used. Found out when it is asked for. */
  readonly symbols: readonly NamedSymbol[]
}

export interface CompileOptions extends CheckOptions {
  /** Measurements of a peer's image, or nothing if it is not built. `image` is its path from the folder of the file. */
  readonly rimOf?: ((peer: string, image: string) => readonly Uint8Array[] | undefined) | undefined
  /** What the lock says of a peer's image, or nothing: another measurement is a warning. */
  readonly lockedRimOf?: ((peer: string) => readonly Uint8Array[] | undefined) | undefined
  /** `mica-v2` if it is not given. */
  readonly target?: Target | undefined
}

export interface Compiled extends Checked {
  /** By peer of the workflow, or by name of the policy; empty if there is an error. */
  readonly policies: ReadonlyMap<string, Policy>
  /** The encoding of each policy for the target. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

/**
 * Reads and checks a policy file.
 *
 * @param input The text, or its bytes if it may not be UTF-8. Nothing about it is ever thrown.
 */
export function check(input: string | Uint8Array, options: CheckOptions): Checked {
  const analysis = analyse(input, options)
  checkViews(analysis, undefined)
  return checkedOf(analysis, (program) => program.workflow)
}

/** Checks a policy file and encodes its policies: those its workflow is projected to, or those it holds. */
export function compile(input: string | Uint8Array, options: CompileOptions): Compiled {
  const analysis = analyse(input, options)
  const { diagnostics, elaborated, end } = analysis
  const { report } = diagnostics
  if (!diagnostics.hasErrors && elaborated.sorted.bodies.length === 0) report(messages.noWorkflow(end))
  const identified = new Map<Program, Workflow>()
  if (!diagnostics.hasErrors) {
    for (const program of elaborated.programs) identified.set(program, identify(program, options, report))
  }
  checkViews(analysis, options.rimOf)
  const encoder = new Encoder(options.target ?? 'mica-v2', report)
  if (!diagnostics.hasErrors) for (const [program, workflow] of identified) encoder.encode(program, workflow)
  const failed = diagnostics.hasErrors
  const checked = checkedOf(analysis, (program) => identified.get(program) ?? program.workflow)
  const { policies, blobs } = encoder
  return Object.assign(checked, { policies: failed ? new Map() : policies, blobs: failed ? new Map() : blobs })
}

/** The policies of one file go together; those of a workflow do by construction. */
function checkViews({ diagnostics, elaborated }: Analysis, rimOf: CompileOptions['rimOf']): void {
  if (diagnostics.hasErrors || elaborated.sorted.bodies[0]?.kind !== 'policy') return
  for (const program of elaborated.programs) {
    const view = viewOf(program, program.workflow)
    const fact = view && checkWellFormed(view.policy, limitsFor(view.policy))
    if (view === undefined || fact === undefined) continue
    diagnostics.report(messages.notEncodable({ peer: view.name, reason: describeFact(fact) }, view.origin))
  }
  const members = elaborated.programs.flatMap((program) => membersOf(program, rimOf))
  checkMembers(members, diagnostics.report)
}

function checkedOf(analysis: Analysis, workflowOf: (program: Program) => Workflow): Checked {
  const { diagnostics, elaborated, files, sources } = analysis
  const program = elaborated.programs.find(({ body }) => body?.kind === 'workflow')
  const nothing = { workflow: undefined, views: [] }
  const stated = diagnostics.isMeaningless
    ? nothing
    : {
        workflow: program && workflowOf(program),
        views: elaborated.programs.flatMap((each) => viewOf(each, workflowOf(each)) ?? []),
      }
  let symbols: readonly NamedSymbol[] | undefined
  return {
    ...(diagnostics.hasErrors ? nothing : stated),
    stated,
    diagnostics: diagnostics.inOrder(sources),
    sources: new Map(sources.map(({ file, text }) => [file, text])),
    parsed: new Map(files.map((parsed) => [parsed.source.file, parsed])),
    get symbols() {
      symbols ??= symbolsOf(elaborated)
      return symbols
    },
  }
}

/** The workflow with the measurements that are known only after the images are built. */
function identify(program: Program, { rimOf, lockedRimOf, target }: CompileOptions, report: Report): Workflow {
  const rims = new Map<string, readonly Uint8Array[]>()
  const images = new Map(program.workflow.peers.map(({ name, image }) => [name, image]))
  for (const { name, identity } of program.scope.peers.values()) {
    if (identity?.kind === 'label' && target !== 'poly-v1') {
      report(messages.labelInThisTarget({ peer: name.text }, identity.span))
    }
    if (identity?.kind !== 'image') continue
    const known = rimOf?.(name.text, images.get(name.text) ?? identity.path)
    const facts = { peer: name.text, image: identity.path }
    if (known === undefined || known.length === 0) report(messages.missingMeasurement(facts, identity.span))
    else rims.set(name.text, known)
    const locked = lockedRimOf?.(name.text)
    if (known !== undefined && locked !== undefined && !sameDigests(known, locked)) {
      report(messages.imageOutOfDate(facts, identity.span))
    }
  }
  return withIdentities(program.workflow, rims)
}

function sameDigests(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  const keys = new Set(others.map((digest) => digest.join()))
  return some.every((digest) => keys.has(digest.join()))
}

/** Makes policies and their encodings. */
class Encoder {
  readonly policies: Map<string, Policy> = new Map()
  readonly blobs: Map<string, Uint8Array> = new Map()
  readonly #target: Target
  readonly #report: Report

  constructor(target: Target, report: Report) {
    this.#target = target
    this.#report = report
  }

  /** Every policy of a program, under the name of its peer or its own. */
  encode(program: Program, workflow: Workflow): void {
    const view = viewOf(program, workflow)
    if (view !== undefined) {
      this.#policy(view.name, view.policy, view.origin)
      return
    }
    for (const { name } of workflow.peers) {
      const span = program.scope.placeOf(name)
      if (span === undefined) continue
      const projection = project(workflow, name)
      if (projection.kind === 'policy') this.#policy(name, projection.policy, span)
      else this.#refuse(name, projection.fact, span)
    }
  }

  #policy(name: string, policy: Policy, span: Span): void {
    const fact = checkWellFormed(policy, this.#target === 'poly-v1' ? POLY_LIMITS : DEFAULT_LIMITS)
    if (fact !== undefined) {
      this.#refuse(name, fact, span)
      return
    }
    const blob = this.#target === 'poly-v1' ? this.#polyV1(name, policy, span) : this.#micaV2(name, policy, span)
    if (blob === undefined) return
    this.policies.set(name, policy)
    this.blobs.set(name, blob)
  }

  #micaV2(peer: string, policy: Policy, span: Span): Uint8Array | undefined {
    const blob = encodeBlob(policy)
    if (blob.length <= DEFAULT_LIMITS.blobBytes) return blob
    const reason = `it takes ${blob.length} bytes, over the limit of ${DEFAULT_LIMITS.blobBytes}`
    this.#report(messages.notEncodable({ peer, reason }, span))
    return undefined
  }

  #polyV1(peer: string, policy: Policy, span: Span): Uint8Array | undefined {
    const encoding = encodePolyV1(policy)
    if (encoding.kind === 'refused') {
      for (const fact of encoding.facts) this.#report(messages.notInPolyV1({ peer, reason: describeFact(fact) }, span))
      return undefined
    }
    for (const note of encoding.notes)
      this.#report(messages.differsInPolyV1({ peer, reason: describeFact(note) }, span))
    return encoding.blob
  }

  #refuse(peer: string, fact: Fact, span: Span): void {
    const facts = { peer, reason: describeFact(fact) }
    const message = this.#target === 'poly-v1' ? messages.notInPolyV1 : messages.notEncodable
    this.#report(message(facts, span))
  }
}
