import type { Policy, Workflow } from '@mica/policy'
import type { Diagnostic } from '../diagnostic.ts'
import { printPolicy, printWorkflow } from '../print/source.ts'
import { SourceText } from '../syntax/span.ts'
import { importPolicy } from './import-policy.ts'
import { mergeViews } from './merge.ts'
import * as messages from './messages.ts'
import { languageName } from './names.ts'

/** A file to be imported: a policy blob of either version, or reference JSON. */
export interface ImportFile {
  readonly file: string
  readonly bytes: Uint8Array
}

export interface Imported {
  /** Source of a policy file; absent if there is an error. */
  readonly text?: string | undefined
  /** The workflow that all files are views of; absent for a single file, or if they do not agree. */
  readonly workflow?: Workflow | undefined
  /** The policies as they were read, in order of the files. */
  readonly policies: readonly { readonly name: string; readonly policy: Policy }[]
  /** In order of the files. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Turns policies of other forms into the source of one policy file: several views that agree into a workflow, other
 * ones into a `policy` each, with the reason why they are no workflow.
 *
 * @param name Of the workflow. Policies are called after their files.
 */
export function importPolicies(files: readonly ImportFile[], name: string): Imported {
  const read = files.map(({ file, bytes }) => importPolicy(file, bytes, { names: true }))
  const diagnostics = read.flatMap((each) => each.diagnostics)
  const views = read.flatMap(({ file, policy }) => (policy === undefined ? [] : [{ file, policy }]))
  const names = distinct(views.map(({ file }) => languageName(baseName(file))))
  const policies = views.map(({ policy }, index) => ({ name: names[index]!, policy }))
  if (views.length < files.length || views.length === 0) return { policies, diagnostics }
  const start = new SourceText(files[0]!.file, '').span(0, 0)
  const asPolicies = (): string => policies.map((each) => printPolicy(each.policy, each.name)).join('\n')
  if (views.length === 1) return { text: asPolicies(), policies, diagnostics }
  const merging = mergeViews(views, languageName(name))
  if (merging.kind === 'differ') {
    const related = merging.files.map((file) => ({ message: 'found here', span: new SourceText(file, '').span(0, 0) }))
    diagnostics.push(messages.viewsDisagree({ reason: merging.reason }, start, related))
    return { text: asPolicies(), policies, diagnostics }
  }
  for (const { peer, reason, file } of merging.differences) {
    diagnostics.push(messages.mergedDiffers({ peer, reason }, new SourceText(file, '').span(0, 0)))
  }
  const digested = views.find(({ policy }) => policy.assertionDigest !== undefined)
  if (digested !== undefined) diagnostics.push(messages.assertionsUnknown(new SourceText(digested.file, '').span(0, 0)))
  return { text: printWorkflow(merging.workflow), workflow: merging.workflow, policies, diagnostics }
}

/** The last part of a path, without its ending. */
function baseName(file: string): string {
  return file.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '')
}

/** Names made different by a number. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let count = 2; taken.has(unique); count++) unique = `${name.slice(0, 28)}_${count}`
    taken.add(unique)
    return unique
  })
}
