import { type Compiled, compile, type Target } from '@mica/dsl'
import { projectOf } from '@mica/dsl/project'
import type { Workflow } from '@mica/policy'
import { rimOf } from '@mica/realm-sdk/build'
import type { Build } from './build-folder.ts'
import { entryOf, imageOf, typesOf } from './build-group.ts'
import type { LoadedWorkflow } from './load-workflow.ts'

/** What compiling a file came to. */
export interface CompiledFile extends Compiled {
  /** Everything to write; without peers if there is an error. */
  readonly build: Build
}

/** An image and its measurement. */
interface Image {
  readonly image: Uint8Array
  readonly rim: Uint8Array
}

export interface FileCompilation {
  readonly target?: Target
  /** The one peer, or the one policy, whose blob is wanted. */
  readonly only?: string | undefined
  /** What the lock says of each peer. */
  readonly lock?: ReadonlyMap<string, readonly Uint8Array[]> | undefined
}

/**
 * Builds the images that a file's peers name, and compiles it with their measurements.
 *
 * Throws `UsageError` when an image cannot be built.
 */
export async function compileFile(policy: LoadedWorkflow, how: FileCompilation = {}): Promise<CompiledFile> {
  const { workflow, views } = policy
  const types = workflow === undefined ? undefined : typesOf({ ...policy, workflow })
  const images = await imagesOf(policy, [
    ...(workflow === undefined ? [] : [workflow]),
    ...views.map((v) => v.workflow),
  ])
  const { target, lock, only } = how
  const compiled = compile(policy.source, {
    file: policy.file,
    ...projectOf(policy.file),
    rimOf: (_, path) => {
      const image = images.get(path)
      return image && [image.rim]
    },
    ...(target === undefined ? {} : { target }),
    ...(lock === undefined ? {} : { lockedRimOf: (peer: string) => lock.get(peer) }),
  })
  const peerOfView = new Map(views.map(({ name, peer }) => [name, peer]))
  const peers = [...compiled.blobs]
    .filter(([name]) => only === undefined || name === only || peerOfView.get(name) === only)
    .map(([name, blob]) => {
      const path = compiled.workflow?.peers.find((peer) => peer.name === name)?.image
      const built = path === undefined ? undefined : images.get(path)
      return { name, blob, ...built }
    })
  // The prototype has images of its own: what is carried to it is the policies.
  if (target === 'poly-v1') {
    return { ...compiled, build: { peers: peers.map(({ name, blob }) => ({ name, blob })) } }
  }
  const locked = images.size > 0 ? compiled.workflow : undefined
  return { ...compiled, build: { peers, types: images.size > 0 ? types : undefined, workflow: locked } }

  async function imagesOf(file: LoadedWorkflow, workflows: readonly Workflow[]): Promise<ReadonlyMap<string, Image>> {
    const peers = workflows.flatMap((each) => each.peers)
    const entries = new Map(peers.flatMap(({ name, image }) => (image === undefined ? [] : [[image, name] as const])))
    const built = [...entries].map(async ([path, name]) => {
      const image = await imageOf(entryOf(file, name, path), types)
      return [path, { image, rim: rimOf(image) }] as const
    })
    return new Map(await Promise.all(built))
  }
}
