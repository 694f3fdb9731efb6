import { type ConstructionStep, measureConstruction, RMI_HASH_SHA_256, RMI_REC_FLAG_RUNNABLE } from '@mica/rmm/abi'
import { sha256 } from '@noble/hashes/sha2.js'
import { IMAGE_BASE, IPA_WIDTH, REALM_BASE, SCRATCH_BASE, SCRATCH_SIZE } from '../runtime/memory-map.ts'
import { encodePolicyRegion } from '../runtime/policy-region.ts'

const GRANULE = 4096
const LEAF_LEVEL = 3

/**
 * How a Realm is built from an image: every command that its measurement depends on, in order.
 *
 * @param image From {@link packImage}: whole granules.
 * @param blob The policy to hand to it. Not measured: the steps have the same measurement whichever it is.
 */
export function constructionOf(image: Uint8Array, blob: Uint8Array = new Uint8Array(0)): readonly ConstructionStep[] {
  if (image.length === 0 || image.length % GRANULE !== 0) throw new RangeError('an image has whole granules')
  return [
    {
      op: 'realm-create',
      params: { flags: 0n, s2sz: IPA_WIDTH, num_bps: 1, num_wps: 1, hash_algo: RMI_HASH_SHA_256 },
    },
    { op: 'rtt-init-ripas', base: REALM_BASE, top: IMAGE_BASE + image.length, level: LEAF_LEVEL },
    ...granules(REALM_BASE, encodePolicyRegion(blob), false),
    ...granules(IMAGE_BASE, image, true),
    ...Array.from({ length: SCRATCH_SIZE / GRANULE }, (_, index): ConstructionStep => {
      return { op: 'data-create-unknown', ipa: SCRATCH_BASE + index * GRANULE }
    }),
    { op: 'rec-create', params: { flags: RMI_REC_FLAG_RUNNABLE, mpidr: 0n, pc: BigInt(IMAGE_BASE), gprs: [] } },
  ]
}

/** The RIM of a Realm built from an image: 32 bytes, as the monitor will report it. */
export function rimOf(image: Uint8Array): Uint8Array {
  return measureConstruction(constructionOf(image), sha256)
}

function granules(base: number, bytes: Uint8Array, measured: boolean): ConstructionStep[] {
  return Array.from({ length: bytes.length / GRANULE }, (_, index): ConstructionStep => {
    const offset = index * GRANULE
    return { op: 'data-create', ipa: base + offset, content: bytes.slice(offset, offset + GRANULE), measured }
  })
}
