import { execFileSync } from 'node:child_process'
import { relative, resolve, sep } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** Largest file of a revision that is read. */
const MOST_BYTES = 64 * 1_048_576

/** Whether text names a revision of the repository that the working folder is in. */
export function isRevision(text: string): boolean {
  return git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${text}^{commit}`]) !== undefined
}

/** A file as it was in a revision; `undefined` if it was not there. `path` is relative to the working folder, or absolute. */
export function fileAt(revision: string, path: string): Uint8Array | undefined {
  return git(['show', '--end-of-options', `${revision}:${pathInRepository(path)}`])
}

/** Policy files below the working folder, now or in a revision, by paths relative to it; ignored ones are not among them. */
export function policiesSince(revision: string): readonly string[] {
  const now = listed(['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', '*.mica'])
  const then = listed(['ls-tree', '-r', '--name-only', '-z', revision])
  if (now === undefined || then === undefined) throw new UsageError(`git cannot compare with ${revision}`)
  return [...new Set([...now, ...then.filter((path) => path.endsWith('.mica'))])].sort()
}

/** The paths that git lists, each ended by NUL. */
function listed(args: readonly string[]): readonly string[] | undefined {
  const output = git(args)
  return output && new TextDecoder().decode(output).split('\0').slice(0, -1)
}

/** The path by which git knows a file: from the top of the repository, with `/`. */
function pathInRepository(path: string): string {
  const top = git(['rev-parse', '--show-toplevel'])
  if (top === undefined) throw new UsageError('this folder is in no git repository')
  return relative(new TextDecoder().decode(top).trimEnd(), resolve(path)).split(sep).join('/')
}

/** What git prints, or `undefined` if it fails: there is no such revision, file, or no git. */
function git(args: readonly string[]): Uint8Array | undefined {
  try {
    return new Uint8Array(
      execFileSync('git', [...args], { maxBuffer: MOST_BYTES, stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    return undefined
  }
}
