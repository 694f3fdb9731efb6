import {
  blobDigest,
  channelsByName,
  compatibleSet,
  describeFact,
  type Mapping,
  type Member,
  type Policy,
  project,
  type SetFact,
  type Workflow,
  withIdentities,
  zeroRpv,
} from '@mica/policy'
import { type Analysis, analyse } from './analyse.ts'
import { Diagnostics } from './collect.ts'
import type { Diagnostic, Fix, Related, Report } from './diagnostic.ts'
import * as messages from './diagnostics.ts'
import type { Program } from './elaborate/program.ts'
import { type PolicyView, viewOf } from './elaborate/view.ts'
import type { ImportOptions } from './files/load-files.ts'
import { folderOf, joined, normalize } from './files/paths.ts'
import { listingStrangers, strangersText } from './listed-strangers.ts'
import type { SourceText, Span } from './syntax/span.ts'

/** Members with several measurements are tried with each of them in sets up to this size. */
const ALTERNATIVES_LIMIT = 64

/** One of the files of a set. */
export interface SetFile extends ImportOptions {
  readonly input: string | Uint8Array
}

export interface SetOptions {
  /** Measurements of images, as for `compile`; without them images are told apart by their paths. */
  readonly rimOf?: RimOf | undefined
}

type RimOf = (peer: string, image: string, file: string) => readonly Uint8Array[] | undefined

/** Files that were written apart, and whether what they say goes together. */
export interface CheckedSet {
  /** All policies of the files. */
  readonly views: readonly PolicyView[]
  /** Of each file in turn, then those of the set. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that places are in, by file. */
  readonly sources: ReadonlyMap<string, string>
}

/** A Realm that there would be, and where the policy that it has was written. */
interface SetMember extends Member {
  readonly name: string
  readonly program: Program
  readonly origin: Span
  /** All measurements that it may have. */
  readonly rims: readonly Uint8Array[]
  readonly isView: boolean
}

/**
 * Checks files of policies against each other as the monitor will: every two that share a memory, the holders of every
 * mapping, the counts of `any`. Peers are matched by identity, memories by name. A workflow among the files stands for
 * the policies of its peers, except for peers that have a policy of their own in another file.
 */
export function checkSet(files: readonly SetFile[], options: SetOptions = {}): CheckedSet {
  const analyses = files.map(({ input, ...how }) => analyse(input, how))
  const total = new Diagnostics()
  for (const { diagnostics, sources } of analyses) for (const found of diagnostics.inOrder(sources)) total.take(found)
  const sources = analyses.flatMap((analysis) => analysis.sources)
  if (!total.hasErrors) {
    const programs = analyses.flatMap((analysis) => analysis.elaborated.programs)
    checkMembers(
      programs.flatMap((program) => membersOf(program, options.rimOf)),
      total.report,
    )
  }
  const views = total.hasErrors ? [] : analyses.flatMap(viewsOf)
  return { views, diagnostics: total.inOrder(sources), sources: textsOf(sources) }
}

function viewsOf({ elaborated }: Analysis): PolicyView[] {
  return elaborated.programs.flatMap((program) => viewOf(program, program.workflow) ?? [])
}

function textsOf(sources: readonly SourceText[]): ReadonlyMap<string, string> {
  return new Map(sources.map(({ file, text }) => [file, text]))
}

/** The Realms that a program's policies are for. */
export function membersOf(program: Program, rimOf: RimOf | undefined): SetMember[] {
  const workflow = identified(program, rimOf)
  const view = viewOf(program, workflow)
  if (view !== undefined) return [memberOf(view.name, view.policy, program, view.origin, true)]
  return workflow.peers.flatMap(({ name }) => {
    const projection = project(workflow, name)
    const origin = program.scope.placeOf(name)
    if (projection.kind !== 'policy' || origin === undefined) return []
    return [memberOf(name, projection.policy, program, origin, false)]
  })
}

function memberOf(name: string, policy: Policy, program: Program, origin: Span, isView: boolean): SetMember {
  const self = policy.peers[policy.self]
  const rims = self?.rims ?? []
  // Somebody without identity has a measurement that no policy names.
  const rim = rims[0] ?? standIn(`anyone ${origin.file} ${name}`)
  return { name, policy, program, origin, rims, rim, rpv: self?.rpv ?? zeroRpv(), isView }
}

/** The workflow with a measurement for every image and label: the real one, or one that only this image has. */
function identified(program: Program, rimOf: RimOf | undefined): Workflow {
  const rims = new Map<string, readonly Uint8Array[]>()
  const images = new Map(program.workflow.peers.map(({ name, image }) => [name, image]))
  for (const { name, identity, span } of program.scope.peers.values()) {
    if (identity?.kind === 'label') rims.set(name.text, [standIn(`label ${identity.label}`)])
    if (identity?.kind !== 'image') continue
    const path = normalize(joined(folderOf(span.file), identity.path), span.file.startsWith('/'))
    const image = images.get(name.text) ?? identity.path
    rims.set(name.text, rimOf?.(name.text, image, span.file) ?? [standIn(`image ${path}`)])
  }
  return withIdentities(program.workflow, rims)
}

function standIn(text: string): Uint8Array {
  return blobDigest(new TextEncoder().encode(text), 'sha-256')
}

/** Reports what is wrong with members as a set, where it was written. */
export function checkMembers(all: readonly SetMember[], report: Report): void {
  const members = withoutReplaced(all)
  checkOnce(members, report)
  if (members.length > ALTERNATIVES_LIMIT) return
  for (const [index, member] of members.entries()) {
    for (const rim of member.rims.slice(1)) {
      checkOnce(
        members.map((other, position) => (position === index ? { ...member, rim } : other)),
        report,
      )
    }
  }
}

/** Members of workflows for which no view speaks. */
function withoutReplaced(members: readonly SetMember[]): readonly SetMember[] {
  const identity = ({ rim, rpv }: Member): string => `${rim.join()} ${rpv.join()}`
  const viewed = new Set(members.filter(({ isView }) => isView).map(identity))
  return members.filter((member) => member.isView || !viewed.has(identity(member)))
}

function checkOnce(members: readonly SetMember[], report: Report): void {
  for (const fact of compatibleSet(members, channelsByName(members))) {
    const [first, second] = fact.members.flatMap((index) => members[index] ?? [])
    if (first !== undefined) reportFact(fact, first, second, report)
  }
}

/** The diagnostic stands at the place of the one that says what is not met; the other's is related. */
function reportFact(fact: SetFact, first: SetMember, second: SetMember | undefined, report: Report): void {
  const says = (member: SetMember): boolean => member.policy.peers[member.policy.self]?.name === fact.facts['by']
  const by = second !== undefined && says(second) && !says(first) ? second : first
  const of = by === first ? second : first
  const places: Related[] =
    of === undefined ? [] : [{ message: `\`${of.name}\` says so here`, span: placeIn(of, fact) }]
  const unlisted = of && unlistedStrangers(fact, by, of)
  const facts = { a: by.name, b: of?.name, reason: describeFact(fact), rule: fact.rule, places, unlisted }
  report(messages.incompatible(facts, placeIn(by, fact)))
}

/** The strangers that `of` lets into a memory for which `by`, that holds it strict, lists none. */
function unlistedStrangers(
  fact: SetFact,
  by: SetMember,
  of: SetMember,
): { text: string; fix: Fix | undefined } | undefined {
  if (fact.rule !== 'strict-mapping-unlisted') return undefined
  const strangersIn = ({ policy }: SetMember): Mapping | undefined =>
    policy.memories.find(({ name }) => name === fact.facts['memory'])?.mappings.find(({ peer }) => peer === null)
  const strangers = strangersIn(of)
  if (strangers === undefined || strangersIn(by) !== undefined) return undefined
  const place = placeIn(by, fact)
  const item = by.program.items.find((each) => 'name' in each && each.name.span === place)
  return { text: strangersText(strangers), fix: listingStrangers(item, strangers) }
}

/** Where a member's source speaks of what a fact is about: the memory, or the peer, or itself. */
function placeIn({ program, origin }: SetMember, { facts }: SetFact): Span {
  const named = ['memory', 'theirs', 'peer', 'of'].map((fact) => program.scope.placeOf(String(facts[fact])))
  return named.find((span) => span !== undefined) ?? origin
}
