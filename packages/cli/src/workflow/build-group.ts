import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { compile } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { BundleError, buildRealm, generateTypes, rimOf } from '@mica/realm-sdk/build'
import { UsageError } from '../terminal.ts'
import type { LoadedWorkflow } from './load-workflow.ts'

/** One peer, ready to be launched. */
export interface BuiltPeer {
  readonly name: string
  readonly image: Uint8Array
  /** Initial measurement, computed without a machine. */
  readonly rim: Uint8Array
  readonly blob: Uint8Array
}

/** A workflow whose peers have images, measurements and policy blobs. */
export interface BuiltGroup {
  /** With the measurements filled in. */
  readonly workflow: Workflow
  readonly peers: readonly BuiltPeer[]
  /** The module of types and values that realm code imports, and the name it is imported by. */
  readonly types: { readonly file: string; readonly text: string }
}

/** How one run differs from what the policy file says of images. */
export interface BuildChanges {
  /** Other source modules for some peers, by the peer's name: absolute paths. */
  readonly images?: Readonly<Record<string, string>>
}

/**
 * Bundles and measures the image of every peer, then projects the workflow to one policy blob each.
 *
 * Throws {@link UsageError} when an image cannot be built: the message names the module.
 */
export async function buildGroup(
  loaded: LoadedWorkflow & { readonly workflow: Workflow },
  changes: BuildChanges = {},
): Promise<BuiltGroup> {
  const types = typesOf(loaded)
  const images = new Map<string, Uint8Array>()
  for (const peer of loaded.workflow.peers) {
    const entry = changes.images?.[peer.name] ?? entryOf(loaded, peer.name, peer.image)
    images.set(peer.name, await imageOf(entry, types))
  }
  return compileGroup(loaded, images)
}

/** Measures images, and projects the workflow with their measurements. */
export function compileGroup(
  loaded: LoadedWorkflow & { readonly workflow: Workflow },
  images: ReadonlyMap<string, Uint8Array>,
): BuiltGroup {
  const rims = new Map([...images].map(([name, image]) => [name, rimOf(image)]))
  const { workflow, blobs } = compileFor(loaded, rims)
  const peers = workflow.peers.map(({ name }) => {
    const [image, rim, blob] = [images.get(name), rims.get(name), blobs.get(name)]
    if (image === undefined || rim === undefined || blob === undefined) {
      throw new UsageError(`peer ${name} has no image`)
    }
    return { name, image, rim, blob }
  })
  return { workflow, peers, types: typesOf(loaded) }
}

/** The workflow with measurements filled in, and its blobs. Throws {@link UsageError} when it does not compile. */
export function compileFor(
  loaded: LoadedWorkflow,
  rims: ReadonlyMap<string, Uint8Array>,
): { readonly workflow: Workflow; readonly blobs: ReadonlyMap<string, Uint8Array> } {
  const { workflow, blobs, diagnostics } = compile(loaded.source, {
    file: loaded.file,
    rimOf: (peer) => {
      const rim = rims.get(peer)
      return rim === undefined ? undefined : [rim]
    },
  })
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (workflow === undefined || error !== undefined) {
    throw new UsageError(error?.message ?? `${loaded.file} does not compile`, `mica check ${loaded.file}`)
  }
  return { workflow, blobs }
}

/** The generated module of a policy file: `pipeline.mica` becomes `pipeline.mica.ts`. */
export function typesOf(loaded: LoadedWorkflow & { readonly workflow: Workflow }): BuiltGroup['types'] {
  return { file: `${basename(loaded.file)}.ts`, text: generateTypes(loaded.workflow) }
}

function entryOf(loaded: LoadedWorkflow, peer: string, image: string | undefined): string {
  if (image === undefined) {
    throw new UsageError(`peer ${peer} has no image to build`, 'give it one in the policy: `image "realms/….ts"`')
  }
  const entry = resolve(dirname(loaded.file), image)
  if (!existsSync(entry)) throw new UsageError(`peer ${peer}: there is no ${image} beside ${loaded.file}`)
  return entry
}

async function imageOf(entry: string, types: BuiltGroup['types']): Promise<Uint8Array> {
  try {
    return (await buildRealm(entry, { declarations: { [types.file]: types.text } })).image
  } catch (error) {
    if (error instanceof BundleError) throw new UsageError(error.message)
    throw error
  }
}
