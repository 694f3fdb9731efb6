import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workflow } from '@mica/policy'
import { readLock } from '@mica/verifier'
import { UsageError } from '../terminal.ts'
import { type BuiltGroup, compileFor, typesOf } from './build-group.ts'
import { type LoadedWorkflow, readBytes, readText, reasonOf } from './load-workflow.ts'

/** Name of the file in which a build says what it measured. */
export const LOCK_FILE = 'mica.lock.json'

/** Name of a peer's image and blob in a build folder. */
export const imageFile = (peer: string): string => `${peer}.image`
export const blobFile = (peer: string): string => `${peer}.policy`

/** Writes images, blobs, the generated module and the lock into a folder. Returns the names of the files. */
export function writeArtefacts(group: BuiltGroup, folder: string): readonly string[] {
  const files = new Map<string, Uint8Array | string>()
  for (const peer of group.peers) {
    files.set(imageFile(peer.name), peer.image)
    files.set(blobFile(peer.name), peer.blob)
  }
  files.set(group.types.file, group.types.text)
  files.set(LOCK_FILE, lockText(group))
  try {
    mkdirSync(folder, { recursive: true })
    for (const [name, contents] of files) writeFileSync(join(folder, name), contents)
  } catch (error) {
    throw new UsageError(`cannot write to ${folder}: ${reasonOf(error)}`)
  }
  return [...files.keys()]
}

/**
 * What a build folder holds: images and blobs as they are, and the measurements that the lock says. Whether these fit
 * together is for the monitor and the verifier to say. Throws {@link UsageError} when a file is missing.
 */
export function readBuild(folder: string, loaded: LoadedWorkflow & { readonly workflow: Workflow }): BuiltGroup {
  const lock = readLockFile(join(folder, LOCK_FILE))
  const rims = new Map([...lock].flatMap(([name, [rim]]) => (rim === undefined ? [] : [[name, rim] as const])))
  const { workflow } = compileFor(loaded, rims)
  const peers = workflow.peers.map(({ name }) => {
    const rim = rims.get(name)
    if (rim === undefined) throw new UsageError(`${join(folder, LOCK_FILE)} has no measurement of ${name}`)
    const image = readBytes(join(folder, imageFile(name)), `image of ${name}`)
    return { name, rim, image, blob: readBytes(join(folder, blobFile(name)), `policy blob of ${name}`) }
  })
  return { workflow, peers, types: typesOf(loaded) }
}

/** The accepted measurements of a lock file, by peer. Throws {@link UsageError} when it is not one. */
export function readLockFile(file: string): ReadonlyMap<string, readonly Uint8Array[]> {
  const reading = readLock(readText(file, 'lock'))
  if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
  return reading.value.peers
}

/** The lock: which image each peer is, by its measurement. */
function lockText(group: BuiltGroup): string {
  const peers = Object.fromEntries(
    group.peers.map(({ name, rim }) => [name, { rim: `sha256:${Buffer.from(rim).toString('hex')}` }]),
  )
  return `${JSON.stringify({ workflow: group.workflow.name, peers }, null, 2)}\n`
}
