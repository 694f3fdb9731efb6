import { type ChildProcess, spawn } from 'node:child_process'

/** What a run of tests came to: they pass, or what they say; a run that was ended because it hangs says nothing. */
export interface TestRun {
  readonly passed: boolean
  readonly output: string
}

/** Runs the tests of one package, one run at a time, each in processes of its own that end with it. */
export class TestRunner {
  readonly #folder: string
  readonly #vitest: string
  #running: ChildProcess | undefined

  /**
   * @param folder The package.
   * @param vitest The program, in JavaScript.
   */
  constructor(folder: string, vitest: string) {
    this.#folder = folder
    this.#vitest = vitest
  }

  /** Runs the tests of files whose names contain one of `files`, up to the first failure, for at most so many milliseconds. */
  async run(files: readonly string[], timeout?: number): Promise<TestRun> {
    const args = [this.#vitest, 'run', ...files, '--bail=1', '--maxWorkers=1', '--reporter=tap-flat']
    // A group of its own: a worker that hangs does not notice that its parent is gone.
    const child = spawn(process.execPath, args, {
      cwd: this.#folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running = child
    const output: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => output.push(part))
    const timer = timeout === undefined ? undefined : setTimeout(() => this.stop(), timeout)
    const code = await new Promise<number | null>((done) => child.once('close', done))
    clearTimeout(timer)
    this.#running = undefined
    return { passed: code === 0, output: Buffer.concat(output).toString() }
  }

  /** Ends the run at hand, if there is one. */
  stop(): void {
    const pid = this.#running?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
