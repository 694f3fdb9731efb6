import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreUnavailable } from './store.ts'

/** Folders that this process has locked. */
const mine = new Set<string>()

/**
 * Keeps other processes of this machine out of a folder, by a file `lock` in it that holds the process id. A lock whose
 * process is gone is taken over.
 *
 * @returns What gives the folder free again. Rejects with `StoreUnavailable` when a process that runs has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock')
  for (const attempt of ['first', 'after a stale lock']) {
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(String(process.pid))
      await handle.close()
      mine.add(file)
      return async () => {
        if (mine.delete(file)) await rm(file, { force: true })
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
        throw new StoreUnavailable(`the folder cannot be used: ${folder}`, { cause: error })
      }
    }
    if (attempt !== 'first' || !(await isStale(file))) break
    await rm(file, { force: true })
  }
  throw new StoreUnavailable(`another process uses ${folder}; if none does, remove ${file}`)
}

/** A container that is started again often has the process id that it had: a lock with ours that we do not hold is old. */
async function isStale(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''))
  if (pid === process.pid) return !mine.has(file)
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
