import { existsSync } from 'node:fs'
import { check } from '@mica/dsl'
import { projectOf } from '@mica/dsl/project'
import { UsageError } from '../usage-error.ts'
import { type LoadedWorkflow, loadedOf, loadWorkflow } from '../workflow/load-workflow.ts'
import { fileAt, isRevision, policiesSince } from './revision.ts'

/** One policy file before and after; `undefined` where there is none. */
export interface Sides {
  readonly name: string
  readonly before: LoadedWorkflow | undefined
  readonly after: LoadedWorkflow | undefined
}

/**
 * What `mica diff OLD [NEW]` compares. OLD and NEW are files, or `REV:PATH`. OLD may be a revision alone: then the file
 * NEW, or every policy file below the working folder that differs, itself or in what it imports, is compared with what
 * it was.
 *
 * Throws {@link UsageError} when one of them is neither file nor revision.
 */
export function sidesOf(old: string, now: string | undefined): readonly Sides[] {
  const [revision, path] = splitRevision(old)
  if (path !== undefined) {
    const after = now ?? path
    return [{ name: after, before: atRevision(revision, path), after: loadNamed(after) }]
  }
  if (existsSync(old) && now !== undefined) return [{ name: now, before: loadWorkflow(old), after: loadNamed(now) }]
  if (existsSync(old)) {
    throw new UsageError(`${old} is compared with nothing`, `mica diff ${old} NEW, or mica diff HEAD ${old}`)
  }
  if (!isRevision(old)) throw new UsageError(`${old} is neither a file nor a revision`)
  if (now !== undefined) return [{ name: now, before: atRevision(old, now), after: loadNamed(now) }]
  const all = policiesSince(old).map((name) => ({
    name,
    before: fileAt(old, name) === undefined ? undefined : atRevision(old, name),
    after: existsSync(name) ? loadWorkflow(name) : undefined,
  }))
  return all.filter(differ)
}

/** Whether a file, or one that it imports, has another text on one side than on the other. */
function differ({ before, after }: Sides): boolean {
  const [was, is] = [before?.sources ?? new Map(), after?.sources ?? new Map()]
  return was.size !== is.size || [...is].some(([file, text]) => was.get(file) !== text)
}

function loadNamed(text: string): LoadedWorkflow {
  const [revision, path] = splitRevision(text)
  return path === undefined ? loadWorkflow(text) : atRevision(revision, path)
}

/** `REV:PATH` in two; a file that has a colon in its name is a file. */
function splitRevision(text: string): readonly [revision: string, path: string | undefined] {
  const colon = text.indexOf(':')
  if (colon < 1 || existsSync(text)) return [text, undefined]
  return [text.slice(0, colon), text.slice(colon + 1)]
}

/** A policy file of a revision, with the imports of that revision. */
function atRevision(revision: string, path: string): LoadedWorkflow {
  const file = `${revision}:${path}`
  const source = fileAt(revision, path)
  if (source === undefined) {
    throw new UsageError(
      isRevision(revision) ? `there is no ${path} in ${revision}` : `there is no revision ${revision}`,
    )
  }
  const { root } = projectOf(path)
  const checked = check(source, { file: path, root, read: (imported) => fileAt(revision, imported) })
  return { file, source, ...loadedOf(checked) }
}
