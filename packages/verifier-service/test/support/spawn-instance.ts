import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { InstanceOptions } from './instance.ts'

/** An instance of the service that runs in a process of its own. */
export interface Instance {
  readonly url: string
  readonly process: ChildProcess
  /** Ends the process at once, in the middle of whatever it does. */
  kill(): Promise<void>
}

/** Starts a process, and waits until it listens. Ends with this process at the latest. */
export async function spawnInstance(options: InstanceOptions, execArgv: readonly string[] = []): Promise<Instance> {
  const child = fork(fileURLToPath(new URL('instance.ts', import.meta.url)), [], {
    execArgv: ['--conditions=mica-source', '--import', 'tsx', ...execArgv],
    serialization: 'advanced',
  })
  const ended = once(child, 'exit')
  child.send(options)
  const [url] = await Promise.race([once(child, 'message'), ended.then(() => [])])
  if (url === undefined) throw new Error('the instance ended before it listened')
  return {
    url,
    process: child,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
