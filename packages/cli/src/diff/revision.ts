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

/** Policy files below the working folder that differ from a revision, by paths relative to it. */
export function policiesChangedSince(revision: string): readonly string[] {
  const listed = git([
    'diff',
    '--name-only',
    '--no-renames',
    '--relative',
    '-z',
    '--end-of-options',
    revision,
    '--',
    '*.mica',
  ])
  if (listed === undefined) throw new UsageError(`git cannot compare with ${revision}`)
  return new TextDecoder()
    .decode(listed)
    .split('\0')
    .filter((path) => path !== '')
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
