/**
 * Known habits of other implementations that a strict verifier refuses. Each is off until named:
 * - `digest-length`: measurements whose size is not that of the algorithm named beside them (published sample tokens);
 * - `signer-id`: firmware components are compared by type and measurement alone (as the Veraison service does);
 * - `non-platform-debug`: lifecycle 0x40xx counts as secured (as the Veraison service does).
 */
export type CompatSwitch = (typeof COMPAT_SWITCHES)[number]

/** Every {@link CompatSwitch}. */
export const COMPAT_SWITCHES = ['digest-length', 'signer-id', 'non-platform-debug'] as const
