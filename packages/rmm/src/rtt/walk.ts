import { entrySize, type GranuleIndex, type PhysicalMemory, physicalAddressOf, TABLE_ENTRIES } from '@mica/hw-sim'
import { invariant } from '../invariant.ts'
import type { Realm } from '../realm/realm.ts'
import { decodeEntry, encodeEntry, isLive, type RttEntry } from './entry.ts'

/** One table of a Realm, with what it takes to read its entries. */
export interface Rtt {
  readonly table: GranuleIndex
  readonly level: number
  /** Whether its descriptors have 52-bit addresses. */
  readonly lpa2: boolean
}

/** Where a walk ended: one entry of one table. */
export interface RttPosition extends Rtt {
  /** Entry of that table, 0 to 511. */
  readonly index: number
  readonly entry: RttEntry
}

const WORDS_PER_TABLE = TABLE_ENTRIES * 2
/** Tables of this level hold pages, which no PE remembers. */
const LEAF_LEVEL = 3

/** Reads one entry of a table. */
export function readEntry(memory: PhysicalMemory, { table, level, lpa2 }: Rtt, index: number): RttEntry {
  const word = table * WORDS_PER_TABLE + index * 2
  return decodeEntry(memory.words[word]!, memory.words[word + 1]!, level, lpa2)
}

/** All 512 entries of a table. */
export function readEntries(memory: PhysicalMemory, rtt: Rtt): readonly RttEntry[] {
  return Array.from({ length: TABLE_ENTRIES }, (_, index) => readEntry(memory, rtt, index))
}

/**
 * Writes one entry of a table. Callers keep the table's references in step.
 *
 * INVARIANT: PEs may remember where tables are, so an entry that is or was a table is written with a TLBI: no walk that
 * begins after this returns goes the old way.
 */
export function writeEntry(memory: PhysicalMemory, rtt: Rtt, index: number, entry: RttEntry): void {
  storeEntry(memory, rtt, index, entry)
  if (rtt.level < LEAF_LEVEL) memory.invalidateWalks()
}

/** Writes all entries of a table that nothing leads to yet, each as `entryAt` says. */
export function fillTable(memory: PhysicalMemory, rtt: Rtt, entryAt: (index: number) => RttEntry): void {
  for (let index = 0; index < TABLE_ENTRIES; index++) storeEntry(memory, rtt, index, entryAt(index))
}

function storeEntry(memory: PhysicalMemory, { table, level, lpa2 }: Rtt, index: number, entry: RttEntry): void {
  const [low, high] = encodeEntry(entry, level, lpa2)
  const word = table * WORDS_PER_TABLE + index * 2
  memory.words[word] = low
  memory.words[word + 1] = high
}

/**
 * Walks a Realm's tables towards `level` and stops at the first entry that is no table.
 *
 * @param ipa Below the Realm's limit; the caller has checked it.
 * @param level Not above the start level.
 */
export function walkTables(memory: PhysicalMemory, realm: Realm, ipa: number, level: number): RttPosition {
  const { startLevel, startTable, lpa2 } = realm.identity
  // Concatenated start tables are one long table in consecutive granules.
  const slot = Math.floor(ipa / entrySize(startLevel))
  let table = startTable + Math.floor(slot / TABLE_ENTRIES)
  let index = slot % TABLE_ENTRIES
  for (let at = startLevel; ; at++) {
    const entry = readEntry(memory, { table, level: at, lpa2 }, index)
    if (at === level || entry.state !== 'table') return { table, level: at, lpa2, index, entry }
    table = tableGranule(memory, entry)
    index = Math.floor(ipa / entrySize(at + 1)) % TABLE_ENTRIES
  }
}

/** The granule of the table that an entry leads to. */
export function tableGranule(memory: PhysicalMemory, { address }: { readonly address: number }): GranuleIndex {
  const granule = memory.granuleIndex(physicalAddressOf(address))
  invariant(granule !== undefined, 'a table entry names a granule')
  return granule
}

/**
 * How far a host may skip from `ipa` on: to the first live entry of the table reached, or to its end, which may lie
 * beyond the IPA space. An entry that is itself live gives `ipa` back.
 */
export function skipTo(memory: PhysicalMemory, position: RttPosition, ipa: number): number {
  if (isLive(readEntry(memory, position, position.index))) return ipa
  const size = entrySize(position.level)
  const base = ipa - (ipa % size)
  let index = position.index + 1
  while (index < TABLE_ENTRIES && !isLive(readEntry(memory, position, index))) index++
  return base + (index - position.index) * size
}
