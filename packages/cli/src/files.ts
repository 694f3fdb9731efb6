import { accessSync, constants, existsSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from './usage-error.ts'

/**
 * Reads a file that the caller named.
 *
 * @param what What it is to the caller, for the message: `policy file`.
 * Throws {@link UsageError} when it cannot be read.
 */
export function readBytes(file: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (error) {
    throw new UsageError(`cannot read the ${what} ${file}: ${reasonOf(error)}`)
  }
}

/** As {@link readBytes}, decoded as UTF-8; what is none becomes replacement characters. */
export function readText(file: string, what: string): string {
  return new TextDecoder().decode(readBytes(file, what))
}

/** Writes a file whole: on failure none is left. Throws {@link UsageError} when it cannot be written. */
export function writeBytes(file: string, bytes: Uint8Array | string): void {
  const existed = existsSync(file)
  try {
    writeFileSync(file, bytes)
  } catch (error) {
    if (!existed) rmSync(file, { force: true })
    throw new UsageError(`cannot write ${file}: ${reasonOf(error)}`)
  }
}

/**
 * Says before a long job that its result could not be written. Throws {@link UsageError} when the folder is missing or
 * closed, when a directory is in the way, or when the result would replace one of `inputs`.
 */
export function checkWritable(file: string, inputs: readonly string[] = []): void {
  try {
    if (existsSync(file)) {
      if (statSync(file).isDirectory()) throw new UsageError(`cannot write ${file}: it is a directory`)
      accessSync(file, constants.W_OK)
    } else {
      accessSync(dirname(file), constants.W_OK)
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `cannot write ${file}: ${existsSync(dirname(file)) ? reasonOf(error) : 'there is no such folder'}`,
    )
  }
  const replaced = existsSync(file) ? inputs.find((input) => existsSync(input) && samePlace(input, file)) : undefined
  if (replaced !== undefined) throw new UsageError(`writing ${file} would replace ${replaced}, which is read`)
}

/** What the system said of a failed file operation, in a few words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error))
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of its path is no directory',
  ENOSPC: 'no space is left',
  EROFS: 'it is on a read-only file system',
}

function samePlace(one: string, other: string): boolean {
  // Pipes and terminals can be read and written; only a file would be lost.
  return statSync(one).isFile() && realpathSync(one) === realpathSync(other)
}
