/**
 * Function identifiers of the Realm Management Interface (DEN0137 B4.3): what the host may ask of the monitor.
 *
 * All are fast SMC64 calls; arguments go in x1 to x6, the status comes back in x0 and results in x1 to x4.
 */

/** requested -> lower, higher */
export const RMI_VERSION = 0xc400_0150n
/** addr */
export const RMI_GRANULE_DELEGATE = 0xc400_0151n
/** addr */
export const RMI_GRANULE_UNDELEGATE = 0xc400_0152n
/** rd, data, ipa, src, flags */
export const RMI_DATA_CREATE = 0xc400_0153n
/** rd, data, ipa */
export const RMI_DATA_CREATE_UNKNOWN = 0xc400_0154n
/** rd, ipa -> data, top */
export const RMI_DATA_DESTROY = 0xc400_0155n
/** rd */
export const RMI_REALM_ACTIVATE = 0xc400_0157n
/** rd, params */
export const RMI_REALM_CREATE = 0xc400_0158n
/** rd */
export const RMI_REALM_DESTROY = 0xc400_0159n
/** rd, rec, params */
export const RMI_REC_CREATE = 0xc400_015an
/** rec */
export const RMI_REC_DESTROY = 0xc400_015bn
/** rec, run */
export const RMI_REC_ENTER = 0xc400_015cn
/** rd, rtt, ipa, level */
export const RMI_RTT_CREATE = 0xc400_015dn
/** rd, ipa, level -> rtt, top */
export const RMI_RTT_DESTROY = 0xc400_015en
/** rd, ipa, level, desc */
export const RMI_RTT_MAP_UNPROTECTED = 0xc400_015fn
/** rd, ipa, level -> walk level, state, desc, ripas */
export const RMI_RTT_READ_ENTRY = 0xc400_0161n
/** rd, ipa, level -> top */
export const RMI_RTT_UNMAP_UNPROTECTED = 0xc400_0162n
/** calling rec, target rec, status */
export const RMI_PSCI_COMPLETE = 0xc400_0164n
/** index -> value */
export const RMI_FEATURES = 0xc400_0165n
/** rd, ipa, level -> rtt */
export const RMI_RTT_FOLD = 0xc400_0166n
/** rd -> count */
export const RMI_REC_AUX_COUNT = 0xc400_0167n
/** rd, base, top -> top reached */
export const RMI_RTT_INIT_RIPAS = 0xc400_0168n
/** rd, rec, base, top -> top reached */
export const RMI_RTT_SET_RIPAS = 0xc400_0169n

/** Mica: rd, data, ipa. Maps a shared granule, without access. */
export const RMI_DATA_CREATE_UNKNOWN_SHARED = 0xc400_016an
/** Mica: rd, pd. Gives a Realm a granule that holds its policy. */
export const RMI_REALM_PD = 0xc400_016dn
/** Mica: sgt. Gives the monitor a granule of the shared granule table. */
export const RMI_SGT = 0xc400_016en
/** Mica: requested -> lower, higher. Discovers the extension. */
export const RMI_MICA_VERSION = 0xc400_0171n
/** Mica: sgt. Takes a granule of the shared granule table back. */
export const RMI_SGT_DESTROY = 0xc400_0172n
/** Mica: rd, ipa -> data, top. Takes a shared mapping away. */
export const RMI_DATA_DESTROY_SHARED = 0xc400_0173n

const commandNames: ReadonlyMap<bigint, string> = new Map([
  [RMI_VERSION, 'RMI_VERSION'],
  [RMI_GRANULE_DELEGATE, 'RMI_GRANULE_DELEGATE'],
  [RMI_GRANULE_UNDELEGATE, 'RMI_GRANULE_UNDELEGATE'],
  [RMI_DATA_CREATE, 'RMI_DATA_CREATE'],
  [RMI_DATA_CREATE_UNKNOWN, 'RMI_DATA_CREATE_UNKNOWN'],
  [RMI_DATA_DESTROY, 'RMI_DATA_DESTROY'],
  [RMI_REALM_ACTIVATE, 'RMI_REALM_ACTIVATE'],
  [RMI_REALM_CREATE, 'RMI_REALM_CREATE'],
  [RMI_REALM_DESTROY, 'RMI_REALM_DESTROY'],
  [RMI_REC_CREATE, 'RMI_REC_CREATE'],
  [RMI_REC_DESTROY, 'RMI_REC_DESTROY'],
  [RMI_REC_ENTER, 'RMI_REC_ENTER'],
  [RMI_RTT_CREATE, 'RMI_RTT_CREATE'],
  [RMI_RTT_DESTROY, 'RMI_RTT_DESTROY'],
  [RMI_RTT_MAP_UNPROTECTED, 'RMI_RTT_MAP_UNPROTECTED'],
  [RMI_RTT_READ_ENTRY, 'RMI_RTT_READ_ENTRY'],
  [RMI_RTT_UNMAP_UNPROTECTED, 'RMI_RTT_UNMAP_UNPROTECTED'],
  [RMI_PSCI_COMPLETE, 'RMI_PSCI_COMPLETE'],
  [RMI_FEATURES, 'RMI_FEATURES'],
  [RMI_RTT_FOLD, 'RMI_RTT_FOLD'],
  [RMI_REC_AUX_COUNT, 'RMI_REC_AUX_COUNT'],
  [RMI_RTT_INIT_RIPAS, 'RMI_RTT_INIT_RIPAS'],
  [RMI_RTT_SET_RIPAS, 'RMI_RTT_SET_RIPAS'],
  [RMI_DATA_CREATE_UNKNOWN_SHARED, 'RMI_DATA_CREATE_UNKNOWN_SHARED'],
  [RMI_REALM_PD, 'RMI_REALM_PD'],
  [RMI_SGT, 'RMI_SGT'],
  [RMI_MICA_VERSION, 'RMI_MICA_VERSION'],
  [RMI_SGT_DESTROY, 'RMI_SGT_DESTROY'],
  [RMI_DATA_DESTROY_SHARED, 'RMI_DATA_DESTROY_SHARED'],
])

/** The specification's name of a function identifier of the host's interface, or `undefined`. */
export function rmiCommandName(fid: bigint): string | undefined {
  return commandNames.get(fid)
}
