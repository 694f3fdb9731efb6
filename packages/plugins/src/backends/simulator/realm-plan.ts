import { HostError, type RealmPlan, type SharedRegion, type UnprotectedWindow } from '@mica/host'
import { type Memory, RIGHT } from '@mica/policy'
import { constructionOf, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import type { RealmToLaunch } from '../../backend.ts'

const GRANULE = 4096
/** Rights that unprotected memory can have: it is never executable. */
const READ_WRITE = RIGHT.read | RIGHT.write

/** What the host provided for one memory of a group. */
export type Provided =
  | { readonly kind: 'protected'; readonly region: SharedRegion }
  | { readonly kind: 'unprotected'; readonly window: UnprotectedWindow }

/** What the host does to build one Realm of a group: `peer` is its position in the mappings of `memories`. */
export function planOf(
  realm: RealmToLaunch,
  peer: number,
  memories: readonly Memory[],
  provided: ReadonlyMap<string, Provided>,
): RealmPlan {
  const shared: { region: SharedRegion; ipa: number }[] = []
  const unprotected: { window: UnprotectedWindow; ipa: number; rights: number }[] = []
  for (const memory of memories) {
    const given = provided.get(memory.name)
    const mapping = memory.mappings.find((candidate) => candidate.peer === peer)
    if (given === undefined || mapping === undefined) continue
    if (mapping.ipaGranule === null) throw new HostError(`memory ${memory.name} has no address for ${realm.peer}`)
    const ipa = mapping.ipaGranule * GRANULE
    if (given.kind === 'protected') shared.push({ region: given.region, ipa })
    else unprotected.push({ window: given.window, ipa: UNPROTECTED_BASE + ipa, rights: mapping.rights & READ_WRITE })
  }
  return {
    steps: constructionOf(realm.image, realm.blob),
    policyGranules: Math.max(1, Math.ceil(realm.blob.length / GRANULE)),
    shared,
    unprotected,
  }
}
