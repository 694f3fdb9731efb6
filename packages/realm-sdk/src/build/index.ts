export {
  IMAGE_BASE,
  POLICY_BLOB_OFFSET,
  POLICY_REGION_SIZE,
  REALM_BASE,
  SCRATCH_BASE,
  SCRATCH_SIZE,
  UNPROTECTED_BASE,
} from '../runtime/memory-map.ts'
export { encodePolicyRegion } from '../runtime/policy-region.ts'
export { buildRealm, type RealmImage } from './build-realm.ts'
export { BundleError, type BundleOptions, bundleRealm } from './bundle.ts'
export { type Refusal, refusedByCompartment } from './compartment-rules.ts'
export { constructionOf, rimOf } from './construction.ts'
export { constantName, declarationsOf, generateTypes } from './generate-types.ts'
export { IMAGE_MAGIC, MAX_IMAGE_SIZE, packImage } from './image.ts'
