import {
  createRegisters,
  DESCRIPTOR_TYPE,
  entrySize,
  type GranuleIndex,
  type Machine,
  physicalAddressOf,
  S2_NON_SECURE_HIGH,
  TABLE_ENTRIES,
} from '@mica/hw-sim'
import { RMI_RTT_READ_ENTRY } from '../src/abi/index.ts'
import type { Realm } from '../src/realm/realm.ts'

/** One entry of a translation table that is not all zeroes, as hardware reads it and as the monitor explains it. */
export interface FoundEntry {
  readonly table: GranuleIndex
  readonly level: number
  readonly ipa: number
  readonly isProtected: boolean
  /** RmiRttEntryState: what RMI_RTT_READ_ENTRY says. */
  readonly state: number
  /** What hardware makes of the descriptor. */
  readonly hardware: 'invalid' | 'table' | 'realm' | 'non-secure'
  /** Output address, of an invalid descriptor that of what is assigned. */
  readonly address: number
}

/** The tables of a Realm, found from its descriptor alone, and all that stands in them. */
export interface FoundTables {
  readonly tables: readonly { readonly granule: GranuleIndex; readonly level: number }[]
  readonly entries: readonly FoundEntry[]
}

/**
 * Walks all tables of a Realm in memory, without the monitor's walker: only what single descriptors mean to software is
 * asked of the monitor, by RMI_RTT_READ_ENTRY.
 */
export function findTables(machine: Machine, realm: Realm): FoundTables {
  const { startLevel, startTable, startTables } = realm.identity
  const tables: { granule: GranuleIndex; level: number }[] = []
  const entries: FoundEntry[] = []
  const visit = (granule: GranuleIndex, level: number, base: number): void => {
    tables.push({ granule, level })
    for (const entry of entriesOf(machine, realm, granule, level, base)) {
      entries.push(entry)
      if (entry.hardware !== 'table') continue
      const next = machine.memory.granuleIndex(physicalAddressOf(entry.address))
      if (next !== undefined) visit(next, level + 1, entry.ipa)
    }
  }
  const covered = entrySize(startLevel) * TABLE_ENTRIES
  for (let i = 0; i < startTables; i++) visit(startTable + i, startLevel, i * covered)
  return { tables, entries }
}

function entriesOf(machine: Machine, realm: Realm, table: GranuleIndex, level: number, base: number): FoundEntry[] {
  const { words } = machine.memory
  const entries: FoundEntry[] = []
  for (let index = 0; index < TABLE_ENTRIES; index++) {
    const word = (table * TABLE_ENTRIES + index) * 2
    const low = words[word]!
    const high = words[word + 1]!
    if (low === 0 && high === 0) continue
    const ipa = base + index * entrySize(level)
    entries.push({
      table,
      level,
      ipa,
      isProtected: realm.isProtected(ipa),
      state: readState(machine, realm, ipa, level),
      hardware: hardwareView(low, high, level),
      address: addressIn(low, high),
    })
  }
  return entries
}

/** Bits 47:12 of an output address: DRAM lies below 2^48, with FEAT_LPA2 as without. */
function addressIn(low: number, high: number): number {
  return (high & 0xffff) * 2 ** 32 + ((low & 0xffff_f000) >>> 0)
}

/** How a walk of the PE goes on at a descriptor. */
function hardwareView(low: number, high: number, level: number): FoundEntry['hardware'] {
  const type = low & DESCRIPTOR_TYPE.mask
  const isLeaf = level === 3 ? type === DESCRIPTOR_TYPE.tableOrPage : type === DESCRIPTOR_TYPE.block
  if (isLeaf) return (high & S2_NON_SECURE_HIGH) === 0 ? 'realm' : 'non-secure'
  return level < 3 && type === DESCRIPTOR_TYPE.tableOrPage ? 'table' : 'invalid'
}

/** State in x2 of RMI_RTT_READ_ENTRY, or -1 where it fails. */
function readState(machine: Machine, realm: Realm, ipa: number, level: number): number {
  const x = createRegisters()
  x[0] = RMI_RTT_READ_ENTRY
  x[1] = BigInt(realm.rd)
  x[2] = BigInt(ipa)
  x[3] = BigInt.asUintN(64, BigInt(level))
  machine.smc(x)
  return x[0] === 0n ? Number(x[2]) : -1
}
