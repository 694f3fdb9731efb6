/**
 * Where things lie in the address space of a Realm that is built from an image: 39 bits of intermediate physical
 * address, the lower half protected.
 *
 * Channels lie below {@link REALM_BASE} of either half, where the policy says; a Realm's own memory above it.
 */

/** Width of the IPA space in bits. */
export const IPA_WIDTH = 39

/** Where the unprotected half begins. */
export const UNPROTECTED_BASE: number = 2 ** 38

const GRANULE = 4096

/** The policy region: the length of the blob (32 bits), 12 zero bytes, the blob. Its contents are not measured. */
export const REALM_BASE: number = 2 ** 37
export const POLICY_REGION_SIZE: number = 16 * GRANULE
export const POLICY_BLOB_OFFSET = 16

/** RAM for buffers of RSI calls. */
export const SCRATCH_BASE: number = REALM_BASE + POLICY_REGION_SIZE
export const SCRATCH_SIZE: number = 16 * GRANULE

/** The image, measured; execution starts here. */
export const IMAGE_BASE: number = SCRATCH_BASE + SCRATCH_SIZE
