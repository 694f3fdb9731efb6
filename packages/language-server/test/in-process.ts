import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { serve } from '@mica/language-server'
import { onTestFinished } from 'vitest'
import { createConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node'
import { Client } from './client.ts'

/** A server of this process, and a client of it that has not said hello. */
export function startServer(): Client {
  const [up, down] = [new PassThrough(), new PassThrough()]
  serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)))
  return new Client(down, up)
}

/** A folder with some files, a server that has it open, and the names of things in it. */
export class Project {
  readonly folder: string
  readonly client: Client

  private constructor(folder: string, client: Client) {
    this.folder = folder
    this.client = client
  }

  /** Gone when the test is over. */
  static async with(files: Readonly<Record<string, string>>): Promise<Project> {
    const folder = mkdtempSync(join(tmpdir(), 'mica-editor-'))
    const client = startServer()
    onTestFinished(() => {
      client.connection.dispose()
      rmSync(folder, { recursive: true })
    })
    const project = new Project(folder, client)
    for (const [name, text] of Object.entries(files)) project.write(name, text)
    await client.initialize(folder)
    return project
  }

  write(name: string, text: string): void {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href
  }

  /** The file that a URI means. */
  name(uri: string): string {
    return relative(this.folder, fileURLToPath(uri))
  }
}
