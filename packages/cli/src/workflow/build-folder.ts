import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Workflow } from '@mica/policy'
import { MAX_IMAGE_SIZE, POLICY_BLOB_OFFSET, POLICY_REGION_SIZE } from '@mica/realm-sdk/build'
import { printExpectations, readLock } from '@mica/verifier'
import { readBytes, readText, reasonOf, writeBytes } from '../files.ts'
import { UsageError } from '../usage-error.ts'
import { hex } from '../words.ts'
import { type BuiltGroup, type BuiltPeer, compileFor, typesOf } from './build-group.ts'
import { expectationsOf } from './expectations.ts'
import type { CheckedWorkflow } from './load-workflow.ts'

/** Name of the file in which a build says what it measured. */
export const LOCK_FILE = 'mica.lock.json'

/** Name of the file in which a build says what a verifier elsewhere is to expect of its group. */
export const EXPECTATIONS_FILE = 'mica.expectations.json'

const GRANULE = 4096
const MAX_BLOB_SIZE = POLICY_REGION_SIZE - POLICY_BLOB_OFFSET

const imageFile = (peer: string): string => `${peer}.image`
const blobFile = (peer: string): string => `${peer}.policy`

/** What a compilation gives: blobs, with the images of those peers that have one. */
export interface Build {
  readonly peers: readonly {
    readonly name: string
    readonly blob: Uint8Array
    readonly image?: Uint8Array | undefined
    readonly rim?: Uint8Array | undefined
  }[]
  /** A workflow whose images were built, with their measurements: its lock is written, and what to expect of it. */
  readonly workflow?: Workflow | undefined
  readonly types?: BuiltGroup['types'] | undefined
}

/**
 * Writes images, blobs, the generated module, the lock and the expectations into a folder, which is made if need be. Throws
 * {@link UsageError} when it cannot be written.
 *
 * @returns The names of the files.
 */
export function writeBuild(build: Build, folder: string): readonly string[] {
  const files = new Map<string, Uint8Array | string>()
  for (const peer of build.peers) {
    if (peer.image !== undefined) files.set(imageFile(peer.name), peer.image)
    files.set(blobFile(peer.name), peer.blob)
  }
  if (build.types !== undefined) files.set(build.types.file, build.types.text)
  if (build.workflow !== undefined) {
    files.set(LOCK_FILE, lockText(build.workflow.name, build.peers))
    files.set(EXPECTATIONS_FILE, expectationsText(build.workflow))
  }
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new UsageError(`cannot make the folder ${folder}: ${reasonOf(error)}`)
  }
  for (const [name, contents] of files) writeBytes(join(folder, name), contents)
  return [...files.keys()]
}

/**
 * What a build folder holds: images and blobs as they are, and the measurements that the lock says. Whether these fit
 * together is for the monitor and the verifier to say.
 *
 * Throws {@link UsageError} when a file is missing, or could not be loaded into a Realm at all.
 */
export function readBuild(folder: string, policy: CheckedWorkflow): BuiltGroup {
  const lock = join(folder, LOCK_FILE)
  const rims = new Map([...readLockFile(lock)].flatMap(([name, [rim]]) => (rim === undefined ? [] : [[name, rim]])))
  const unknown = policy.workflow.peers.find(({ name }) => !rims.has(name))
  if (unknown !== undefined) throw new UsageError(`${lock} has no measurement of ${unknown.name}`, compileAgain(policy))
  const { workflow, blobs } = compileFor(policy, rims)
  const peers = workflow.peers.map(({ name }): BuiltPeer => {
    const image = readImage(join(folder, imageFile(name)), policy)
    const blob = readBlob(join(folder, blobFile(name)), policy)
    return { name, rim: rims.get(name)!, image, blob, blobAsCompiled: hex(blob) === hex(blobs.get(name)!) }
  })
  return { workflow, peers, types: typesOf(policy) }
}

/** The accepted measurements of a lock file, by peer. Throws {@link UsageError} when it is not one. */
export function readLockFile(file: string): ReadonlyMap<string, readonly Uint8Array[]> {
  const reading = readLock(readText(file, 'lock'))
  if (reading.kind === 'refused') throw new UsageError(`${file} is no lock: ${reading.reason}`)
  return reading.value.peers
}

function readImage(file: string, policy: CheckedWorkflow): Uint8Array {
  const image = readBytes(file, 'image')
  if (image.length > 0 && image.length % GRANULE === 0 && image.length <= MAX_IMAGE_SIZE) return image
  throw new UsageError(
    `${file} is no image: ${image.length} bytes, of whole granules up to ${MAX_IMAGE_SIZE}`,
    compileAgain(policy),
  )
}

function readBlob(file: string, policy: CheckedWorkflow): Uint8Array {
  const blob = readBytes(file, 'policy blob')
  if (blob.length > 0 && blob.length <= MAX_BLOB_SIZE) return blob
  throw new UsageError(
    `${file} is no policy blob: ${blob.length} bytes, of 1 to ${MAX_BLOB_SIZE}`,
    compileAgain(policy),
  )
}

const compileAgain = (policy: CheckedWorkflow): string => `mica compile ${policy.file} --out DIR builds it`

/** The lock: which image each peer is, by its measurement. */
function lockText(workflow: string, built: Build['peers']): string {
  const measured = built.flatMap(({ name, rim }) => (rim === undefined ? [] : [[name, { rim: `sha256:${hex(rim)}` }]]))
  return `${JSON.stringify({ workflow, peers: Object.fromEntries(measured) }, null, 2)}\n`
}

/** What `mica verify --workflow` expects with this lock. A peer without a measurement can be no member. */
export function expectationsText(workflow: Workflow): string {
  const known = workflow.peers.filter(({ rims }) => rims.length > 0)
  const rims = new Map(known.map(({ name, rims }) => [name, rims]))
  return printExpectations({ workflow: workflow.name, expectations: expectationsOf(workflow, rims) })
}
