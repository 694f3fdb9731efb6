import {
  addressWords,
  DESCRIPTOR_TYPE,
  outputAddress,
  S2_EXECUTE_NEVER_HIGH,
  S2_INNER_SHAREABLE,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
} from '@mica/hw-sim'
import { RIPAS_EMPTY, RIPAS_RAM } from '../abi/index.ts'

/**
 * What an entry of a Realm translation table means (DEN0137 A5.5), decoded.
 *
 * Of these hardware lets a Realm reach `assigned` RAM, `assigned-ns`, and `shared` with rights; everything else is an
 * invalid descriptor whose meaning is in bits that hardware ignores.
 */
export type RttEntry =
  | { readonly state: 'unassigned'; readonly ripas: number }
  /** Memory of this Realm: accessible while its RIPAS is RAM. */
  | { readonly state: 'assigned'; readonly address: number; readonly ripas: number }
  /** Non-secure memory. `attributes` are MemAttr and S2AP at their places in a descriptor, as the host gave them. */
  | { readonly state: 'assigned-ns'; readonly address: number; readonly attributes: number }
  | { readonly state: 'table'; readonly address: number }
  /** Mica: shared memory. Rights are what stage 2 grants: S2AP and execute. */
  | { readonly state: 'shared'; readonly address: number; readonly rights: SharedRights }

/** An entry with a RIPAS of its own: what a Realm may ask to change. */
export type EntryWithRipas = Extract<RttEntry, { readonly ripas: number }>

/** An entry of memory that is mapped as a page or block, by the monitor or for the host. */
export type BlockEntry = Extract<RttEntry, { readonly state: 'assigned' | 'assigned-ns' }>

/** Stage-2 rights of a shared mapping; all false until a policy opens it. */
export interface SharedRights {
  readonly read: boolean
  readonly write: boolean
  readonly execute: boolean
}

export const NO_RIGHTS: SharedRights = { read: false, write: false, execute: false }

/** An entry never written: unassigned, RIPAS empty; all zero, so a fresh table needs no filling. */
export const UNASSIGNED_EMPTY: RttEntry = { state: 'unassigned', ripas: RIPAS_EMPTY }

/** HIPAS of an invalid descriptor, bits 4:2, and RIPAS, bits 6:5: the monitor's own use of ignored bits. */
const HIPAS_SHIFT = 2
const HIPAS_MASK = 0b111
const HIPAS = { unassigned: 0, assigned: 1, shared: 2 } as const
const RIPAS_SHIFT = 5
const RIPAS_MASK = 0b11

/** AF, bit 10. */
const ACCESS_FLAG = 1 << 10
/** AF, and MemAttr normal write-back, bits 5:2: how Realm memory is mapped. */
const REALM_MEMORY = ACCESS_FLAG | (0b0110 << 2)
/** Bit 56, for software use in a valid descriptor: the entry is shared memory. */
const SHARED_HIGH = 1 << 24

/** MemAttr and S2AP, the attributes that a host chooses for Non-secure memory: bits 4:2 and 7:6. */
export const NS_ATTRIBUTES: number = (0b111 << 2) | S2AP_READ | S2AP_WRITE

/**
 * Reads a descriptor of a table at `level`.
 *
 * @param lpa2 Whether the Realm's descriptors have 52-bit addresses.
 */
export function decodeEntry(low: number, high: number, level: number, lpa2: boolean): RttEntry {
  const type = low & DESCRIPTOR_TYPE.mask
  const address = outputAddress(low, high, lpa2)
  if (type === DESCRIPTOR_TYPE.invalid) {
    const ripas = (low >>> RIPAS_SHIFT) & RIPAS_MASK
    switch ((low >>> HIPAS_SHIFT) & HIPAS_MASK) {
      case HIPAS.assigned:
        return { state: 'assigned', address, ripas }
      case HIPAS.shared:
        return { state: 'shared', address, rights: NO_RIGHTS }
      default:
        return { state: 'unassigned', ripas }
    }
  }
  if (level < 3 && type === DESCRIPTOR_TYPE.tableOrPage) return { state: 'table', address }
  if ((high & S2_NON_SECURE_HIGH) !== 0) return { state: 'assigned-ns', address, attributes: low & NS_ATTRIBUTES }
  if ((high & SHARED_HIGH) !== 0) {
    const execute = (high & S2_EXECUTE_NEVER_HIGH) === 0
    const rights = { read: (low & S2AP_READ) !== 0, write: (low & S2AP_WRITE) !== 0, execute }
    return { state: 'shared', address, rights }
  }
  return { state: 'assigned', address, ripas: RIPAS_RAM }
}

/** The two words of an entry for a table at `level`; see {@link decodeEntry}. */
export function encodeEntry(entry: RttEntry, level: number, lpa2: boolean): readonly [low: number, high: number] {
  if (entry.state === 'unassigned') return [entry.ripas << RIPAS_SHIFT, 0]
  const [low, high] = addressWords(entry.address, lpa2)
  if (entry.state === 'table') return [low | DESCRIPTOR_TYPE.tableOrPage, high]
  // With wide addresses bits 9:8 are theirs.
  const shareable = lpa2 ? 0 : S2_INNER_SHAREABLE
  const leaf = shareable | (level === 3 ? DESCRIPTOR_TYPE.tableOrPage : DESCRIPTOR_TYPE.block)
  switch (entry.state) {
    case 'assigned':
      if (entry.ripas === RIPAS_RAM) return [low | leaf | REALM_MEMORY | S2AP_READ | S2AP_WRITE, high]
      return [low | (HIPAS.assigned << HIPAS_SHIFT) | (entry.ripas << RIPAS_SHIFT), high]
    case 'assigned-ns':
      return [low | leaf | ACCESS_FLAG | entry.attributes, high | S2_NON_SECURE_HIGH | S2_EXECUTE_NEVER_HIGH]
    case 'shared': {
      const { read, write, execute } = entry.rights
      if (!read && !write && !execute) return [low | (HIPAS.shared << HIPAS_SHIFT), high]
      const access = (read ? S2AP_READ : 0) | (write ? S2AP_WRITE : 0)
      return [low | leaf | REALM_MEMORY | access, high | SHARED_HIGH | (execute ? 0 : S2_EXECUTE_NEVER_HIGH)]
    }
  }
}

/** Whether an entry counts as a reference to its table: protected memory, shared memory and tables do. */
export function holdsReference(entry: RttEntry): boolean {
  return entry.state === 'assigned' || entry.state === 'table' || entry.state === 'shared'
}

/** Whether an entry stops a host that skips unused entries: anything that is mapped. */
export function isLive(entry: RttEntry): boolean {
  return entry.state !== 'unassigned'
}
