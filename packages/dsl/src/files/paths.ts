/**
 * The path that an import means, in the form of the paths that it came from: `lib/x.mica` for `../lib/x.mica` in
 * `policies/a.mica`.
 *
 * @param root Folder of the project, in that form; empty for the folder that relative paths start at, `..` for the one
 *   above it.
 * @returns `undefined` for a path that is not relative, is no path of a file, or leads out of the project.
 */
export function resolveImport(path: string, importer: string, root: string): string | undefined {
  if (path === '' || path.endsWith('/') || /^\/|^[A-Za-z]+:|[\\\0]/.test(path)) return undefined
  const resolved = normalize(joined(folderOf(importer), path), importer.startsWith('/'))
  const within = normalize(root, root.startsWith('/'))
  if (within.split('/').some((part) => part !== '' && part !== '..') || within === '/') {
    return resolved.startsWith(within === '/' ? '/' : `${within}/`) ? resolved : undefined
  }
  // Relative paths start in the project, so one is inside if it goes no further up.
  const isFolder = resolved === '..' || resolved.endsWith('/..')
  return isFolder || foldersUp(resolved) > foldersUp(within) ? undefined : resolved
}

/** How far a normal path goes up from where it starts. */
function foldersUp(path: string): number {
  return path.split('/').filter((part) => part === '..').length
}

/** A path without `.`, empty parts, and `..` that take back a folder. */
export function normalize(path: string, absolute: boolean): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!absolute) parts.push(part)
  }
  return `${absolute ? '/' : ''}${parts.join('/')}`
}

/** The folder of a file; empty for one in the folder where relative paths start. */
export function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
}

/** How to come from one folder to a file: both absolute, or both relative to one place. */
export function relativePath(folder: string, file: string): string {
  const from = normalize(folder, folder.startsWith('/'))
    .split('/')
    .filter((part) => part !== '')
  const to = normalize(file, file.startsWith('/'))
    .split('/')
    .filter((part) => part !== '')
  let common = 0
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/')
}

/** A path that starts in a folder. */
export function joined(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`
}
