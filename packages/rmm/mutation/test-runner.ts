import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunOrder, RunReport } from './test-host.ts'

/** Runs tests of one package, one run at a time, in processes that end with it. */
export class TestRunner {
  readonly #arguments: readonly string[]
  #host: ChildProcess | undefined

  /**
   * @param folder The package.
   * @param setupFile A module that is loaded before each file of tests.
   * @param tests Folders of the tests, in that of the package.
   */
  constructor(folder: string, setupFile: string, tests: readonly string[]) {
    this.#arguments = [folder, setupFile, ...tests]
  }

  /** The longest time between two tests so far, in milliseconds. */
  longestSilence = 0

  /** Runs tests; if none of them ends for so many milliseconds the run is ended, and `undefined` the answer. */
  async run(order: RunOrder, patience: number): Promise<RunReport | undefined> {
    this.#host ??= this.#start()
    const host = this.#host
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise((done, fail) => {
        let heard = performance.now()
        timer = setTimeout(() => {
          this.stop()
          done(undefined)
        }, patience)
        host.on('message', (message: 'alive' | RunReport) => {
          this.longestSilence = Math.max(this.longestSilence, performance.now() - heard)
          heard = performance.now()
          timer?.refresh()
          if (message !== 'alive') done(message)
        })
        host.once('exit', () => fail(new Error('the process that runs the tests has ended')))
        host.send(order)
      })
    } finally {
      clearTimeout(timer)
      host.removeAllListeners()
    }
  }

  #start(): ChildProcess {
    // A group of its own, that ends as a whole: a worker that hangs does not notice that its parent is gone.
    return fork(fileURLToPath(new URL('./test-host.ts', import.meta.url)), this.#arguments, { detached: true })
  }

  /** Ends the run at hand, if there is one. */
  stop(): void {
    const pid = this.#host?.pid
    this.#host = undefined
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
