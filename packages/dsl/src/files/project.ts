import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

/** Files and folders that the folder of a project has. */
const MARKS = ['package.json', '.git']

/** Where a policy file's imports are found, in the form that the compiler asks for. */
export interface Project {
  /** The folder that imports must stay in: absolute if the file's path is, else relative to the working folder. */
  readonly root: string
  /** The contents of a file of the project, or nothing. */
  readonly read: (path: string) => Uint8Array | undefined
}

/**
 * The project of a policy file: the nearest folder above it that is the root of a package or a repository; without one,
 * the folder that its user works in if the file is below it, else the folder of the file.
 *
 * @param workingFolder Absolute.
 */
export function projectOf(file: string, workingFolder: string = process.cwd()): Project {
  const folder = dirname(resolve(file))
  const root = markedAbove(folder) ?? (isBelow(folder, workingFolder) ? workingFolder : folder)
  return {
    // As the file's own path goes up to it, so that the two begin alike.
    root: isAbsolute(file) ? root : join(dirname(file), relative(folder, root)),
    read: (path) => {
      const target = resolve(path)
      if (!existsSync(target)) return undefined
      try {
        // A link may lead out of the project, whatever its path says.
        if (!isBelow(realpathSync(target), realpathSync(root))) return undefined
        return new Uint8Array(readFileSync(target))
      } catch {
        // A folder, a file that may not be read, or one that is gone by now: the diagnostic names it.
        return undefined
      }
    },
  }
}

function markedAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (MARKS.some((mark) => existsSync(join(at, mark)))) return at
    if (dirname(at) === at) return undefined
  }
}

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
