import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { compile } from '@mica/dsl'
import { projectOf } from '@mica/dsl/project'
import type { Workflow } from '@mica/policy'
import { BundleError, buildRealm, generateTypes, rimOf } from '@mica/realm-sdk/build'
import { UsageError } from '../usage-error.ts'
import type { CheckedWorkflow } from './load-workflow.ts'

/** One peer, ready to be launched. */
export interface BuiltPeer {
  readonly name: string
  readonly image: Uint8Array
  /** Initial measurement, computed without a machine. */
  readonly rim: Uint8Array
  readonly blob: Uint8Array
  /** Whether the blob is the one that the policy file compiles to. Explains a refusal; nothing is decided by it. */
  readonly blobAsCompiled: boolean
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
export async function buildGroup(policy: CheckedWorkflow, changes: BuildChanges = {}): Promise<BuiltGroup> {
  const types = typesOf(policy)
  const images = policy.workflow.peers.map(async ({ name, image }) => {
    const entry = changes.images?.[name] ?? entryOf(policy, name, image)
    return [name, await imageOf(entry, types)] as const
  })
  return compileGroup(policy, new Map(await Promise.all(images)))
}

/**
 * Measures images, and projects the workflow with their measurements. Throws {@link UsageError} when a peer has none, or
 * when the workflow does not compile with them.
 */
export function compileGroup(policy: CheckedWorkflow, images: ReadonlyMap<string, Uint8Array>): BuiltGroup {
  const rims = new Map([...images].map(([name, image]) => [name, rimOf(image)]))
  const { workflow, blobs } = compileFor(policy, rims)
  const peers = workflow.peers.map(({ name }) => {
    const [image, rim, blob] = [images.get(name), rims.get(name), blobs.get(name)]
    if (image === undefined || rim === undefined || blob === undefined) {
      throw new UsageError(`peer ${name} has no image`)
    }
    return { name, image, rim, blob, blobAsCompiled: true }
  })
  return { workflow, peers, types: typesOf(policy) }
}

/** The workflow with measurements filled in, and its blobs. Throws {@link UsageError} when it does not compile. */
export function compileFor(
  policy: CheckedWorkflow,
  rims: ReadonlyMap<string, Uint8Array>,
): { readonly workflow: Workflow; readonly blobs: ReadonlyMap<string, Uint8Array> } {
  const { workflow, blobs, diagnostics } = compile(policy.source, {
    file: policy.file,
    ...projectOf(policy.file),
    rimOf: (peer) => {
      const rim = rims.get(peer)
      return rim === undefined ? undefined : [rim]
    },
  })
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (workflow === undefined || error !== undefined) {
    throw new UsageError(error?.message ?? `${policy.file} does not compile`, `mica check ${policy.file} says where`)
  }
  return { workflow, blobs }
}

/**
 * The generated module of a policy file: `pipeline.mica` becomes `pipeline.mica.ts`. Throws {@link UsageError} when two
 * peers would have one name in TypeScript.
 */
export function typesOf(policy: CheckedWorkflow): BuiltGroup['types'] {
  try {
    return { file: `${basename(policy.file)}.ts`, text: generateTypes(policy.workflow) }
  } catch (error) {
    throw unbuildable(error)
  }
}

/** The module of a peer's image. Throws {@link UsageError} when there is none. */
export function entryOf(policy: { readonly file: string }, peer: string, image: string | undefined): string {
  if (image === undefined) {
    throw new UsageError(`peer ${peer} has no image to build`, 'give it one in the policy: `image "realms/….ts"`')
  }
  const entry = resolve(dirname(policy.file), image)
  if (!existsSync(entry))
    throw new UsageError(
      `peer ${peer}: there is no ${image} beside ${policy.file}`,
      'paths of images start at the policy file',
    )
  return entry
}

/** Bundles one image. Throws {@link UsageError} when its module cannot be bundled. */
export async function imageOf(entry: string, types: BuiltGroup['types'] | undefined): Promise<Uint8Array> {
  try {
    const declarations = types === undefined ? {} : { [types.file]: types.text }
    return (await buildRealm(entry, { declarations })).image
  } catch (error) {
    throw unbuildable(error)
  }
}

/** What the author's names or modules made impossible, as an error for the author; a mistake of ours stays what it is. */
function unbuildable(error: unknown): unknown {
  return error instanceof BundleError || error instanceof RangeError ? new UsageError(error.message) : error
}
