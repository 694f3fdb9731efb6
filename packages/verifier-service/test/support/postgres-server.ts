import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Where Debian and its relatives put the servers that they have; the newest. */
function installed(): string | undefined {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return undefined
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(root, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')))
}

const binaries = installed()

/** Why no PostgreSQL can be started here; `undefined` when one can. */
export const postgresAbsent: string | undefined =
  binaries === undefined ? 'no PostgreSQL below /usr/lib/postgresql: apt-get install postgresql' : undefined

/** Whether tests with a PostgreSQL are left out; where CI is set they are not, and fail for want of one. */
export const skipPostgres: boolean = postgresAbsent !== undefined && process.env['CI'] === undefined

/** A PostgreSQL of one's own, in a temporary folder, reached through a socket there. */
export class PostgresServer {
  readonly #folder: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined
  readonly #onExit = () => this.#process?.kill('SIGKILL')

  /** @param settings As in postgresql.conf, `name=value`. */
  static async start(settings: readonly string[] = []): Promise<PostgresServer> {
    if (binaries === undefined) throw new Error(postgresAbsent)
    const folder = mkdtempSync(join(tmpdir(), 'mica-postgres-'))
    const user = serverUser()
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    const options = ['--username=mica', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']
    execFileSync(join(binaries, 'initdb'), ['-D', join(folder, 'data'), ...options], { ...user, stdio: 'pipe' })
    const server = new PostgresServer(folder, settings)
    process.once('exit', server.#onExit)
    await server.launch()
    return server
  }

  private constructor(folder: string, settings: readonly string[]) {
    this.#folder = folder
    this.#settings = settings
  }

  /** Starts the server after {@link kill} or {@link stop}, and waits until it answers. */
  async launch(): Promise<void> {
    const settings = [`unix_socket_directories=${this.#folder}`, 'listen_addresses=', ...this.#settings]
    const options = ['-D', join(this.#folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])]
    for (let attempt = 0; attempt < 200; attempt++) {
      // Processes of a server that was killed may hold its memory for a moment, and a new one gives up at once.
      if (this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) {
        this.#process = spawn(join(binaries!, 'postgres'), options, { ...serverUser(), stdio: 'ignore' })
      }
      if (await this.#answers()) return
      await sleep(50)
    }
    throw new Error('PostgreSQL does not start')
  }

  /** An address for `openPostgres`. */
  url(database = 'postgres'): string {
    return `postgresql://mica@/${database}?host=${encodeURIComponent(this.#folder)}`
  }

  /** @returns The address of a new, empty database. */
  async createDatabase(name: string): Promise<string> {
    await this.run(`CREATE DATABASE ${name}`)
    return this.url(name)
  }

  /** Runs a script as the database's owner. @returns The rows of its last statement. */
  async run(script: string, database?: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) })
    await client.connect()
    try {
      return [await client.query(script)].flat().at(-1)!.rows
    } finally {
      await client.end()
    }
  }

  async #answers(): Promise<boolean> {
    return await this.run('SELECT 1').then(
      () => true,
      () => false,
    )
  }

  /** Shuts down in order; connections are cut. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  /** As if its machine had lost power, but for what the operating system had not written yet. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#process!, 'exit')
    this.#process!.kill(signal)
    await ended
  }

  /** Process ids of the server and everything that it started. */
  processes(): number[] {
    const { pid } = this.#process!
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    return [pid!, ...children.split('\n').filter(Boolean).map(Number)]
  }

  /** Stops the server, and removes all that it stored. */
  async remove(): Promise<void> {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.kill()
    process.off('exit', this.#onExit)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian made for it, or as nobody. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (which: string): number => Number(execFileSync('id', [which, name], { stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // Not here; the next one.
    }
  }
  throw new Error('no user that PostgreSQL could run as')
}
