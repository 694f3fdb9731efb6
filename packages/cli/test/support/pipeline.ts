import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const demo = new URL('../../../../apps/demos/video-moderation/', import.meta.url)

/** The demo's policy, whose realm code the tests build and run. */
export const PIPELINE: string = fileURLToPath(new URL('pipeline.mica', demo))

/** The demo's clip, which takes the pipeline some seconds. */
export const LONG_CLIP: string = fileURLToPath(new URL('clip.avi', demo))

interface Clip {
  readonly frames: readonly Uint8Array[]
}

/** A clip of two frames of the demo's, with a face in them. */
export async function shortClip(): Promise<Uint8Array> {
  // The demo is no part of this package: its modules are found when the tests run, not when they are compiled.
  const { readAvi }: { readAvi(bytes: Uint8Array): Clip } = await import(new URL('realms/avi.ts', demo).pathname)
  const { writeAvi }: { writeAvi(clip: Clip): Uint8Array } = await import(
    new URL('realms/avi-writer.ts', demo).pathname
  )
  const clip = readAvi(new Uint8Array(readFileSync(LONG_CLIP)))
  return writeAvi({ ...clip, frames: clip.frames.slice(30, 32) })
}

/** A folder of one's own, for the length of a test file. */
export class Scratch {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'mica-cli-test-'))

  /** The path of a name in it. */
  path(name: string): string {
    return join(this.folder, name)
  }

  /** Writes a file into it, and says where. */
  write(name: string, contents: string | Uint8Array): string {
    writeFileSync(this.path(name), contents)
    return this.path(name)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Changes one bit of one byte of a file. */
export function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1
  writeFileSync(file, bytes)
}
