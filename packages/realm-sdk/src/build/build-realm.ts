import { type BundleOptions, bundleRealm } from './bundle.ts'
import { rimOf } from './construction.ts'
import { packImage } from './image.ts'

/** A realm module, built. */
export interface RealmImage {
  /** Whole granules, ready to load. */
  readonly image: Uint8Array
  /** Its measurement, 32 bytes. */
  readonly rim: Uint8Array
}

/** Bundles, packs and measures a realm module. Takes and throws what {@link bundleRealm} and {@link packImage} do. */
export async function buildRealm(entry: string, options: BundleOptions = {}): Promise<RealmImage> {
  const image = packImage(await bundleRealm(entry, options))
  return { image, rim: rimOf(image) }
}
