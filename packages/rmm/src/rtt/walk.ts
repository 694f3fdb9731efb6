import { entrySize, type GranuleIndex, type PhysicalMemory, physicalAddressOf, TABLE_ENTRIES } from '@mica/hw-sim'
import { invariant } from '../invariant.ts'
import type { Realm } from '../realm/realm.ts'
import { decodeEntry, encodeEntry, isLive, type RttEntry } from './entry.ts'

/** Where a walk ended: one entry of one table. */
export interface RttPosition {
  readonly table: GranuleIndex
  /** Entry of that table, 0 to 511. */
  readonly index: number
  readonly level: number
  readonly entry: RttEntry
}

const WORDS_PER_TABLE = TABLE_ENTRIES * 2
/** Tables of this level hold pages, which no PE remembers. */
const LEAF_LEVEL = 3

/** Reads one entry of a table. */
export function readEntry(memory: PhysicalMemory, table: GranuleIndex, index: number, level: number): RttEntry {
  const word = table * WORDS_PER_TABLE + index * 2
  return decodeEntry(memory.words[word]!, memory.words[word + 1]!, level)
}

/**
 * Writes one entry of a table. Callers keep the table's references in step.
 *
 * INVARIANT: PEs may remember where tables are, so an entry that is or was a table is written with a TLBI: no walk that
 * begins after this returns goes the old way.
 */
export function writeEntry(
  memory: PhysicalMemory,
  table: GranuleIndex,
  index: number,
  level: number,
  entry: RttEntry,
): void {
  const [low, high] = encodeEntry(entry, level)
  const word = table * WORDS_PER_TABLE + index * 2
  memory.words[word] = low
  memory.words[word + 1] = high
  if (level < LEAF_LEVEL) memory.invalidateWalks()
}

/**
 * Walks a Realm's tables towards `level` and stops at the first entry that is no table.
 *
 * @param ipa Below the Realm's limit; the caller has checked it.
 */
export function walkTables(memory: PhysicalMemory, realm: Realm, ipa: number, level: number): RttPosition {
  const { startLevel, startTable } = realm.identity
  // Concatenated start tables are one long table in consecutive granules.
  const slot = Math.floor(ipa / entrySize(startLevel))
  let table = startTable + Math.floor(slot / TABLE_ENTRIES)
  let index = slot % TABLE_ENTRIES
  for (let at = startLevel; ; at++) {
    const entry = readEntry(memory, table, index, at)
    if (at === level || entry.state !== 'table') return { table, index, level: at, entry }
    const next = memory.granuleIndex(physicalAddressOf(entry.address))
    invariant(next !== undefined, 'a table entry names a granule')
    table = next
    index = Math.floor(ipa / entrySize(at + 1)) % TABLE_ENTRIES
  }
}

/**
 * How far a host may skip from `ipa` on: to the first live entry of the table reached, or to its end, which may lie
 * beyond the IPA space. An entry that is itself live gives `ipa` back.
 */
export function skipTo(memory: PhysicalMemory, position: RttPosition, ipa: number): number {
  if (isLive(readEntry(memory, position.table, position.index, position.level))) return ipa
  const size = entrySize(position.level)
  const base = ipa - (ipa % size)
  let index = position.index + 1
  while (index < TABLE_ENTRIES && !isLive(readEntry(memory, position.table, index, position.level))) index++
  return base + (index - position.index) * size
}
