/**
 * The revision this package implements: Realm Management Monitor specification, Arm DEN0137, 1.0-rel0.
 *
 * Names, numbers and structures of later revisions (1.1, 2.0) differ and are not mixed in.
 */
export const RMM_SPECIFICATION = 'DEN0137 1.0-rel0'

/** RmiInterfaceVersion and RsiInterfaceVersion of that revision: major 1 in bits 30:16, minor 0 in bits 15:0. */
export const ABI_VERSION = 0x1_0000n
