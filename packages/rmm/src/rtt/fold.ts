import { entrySize, type PhysicalMemory } from '@mica/hw-sim'
import { type BlockEntry, holdsReference, type RttEntry } from './entry.ts'
import { type Rtt, readEntries } from './walk.ts'

/** Entries above this level are never blocks. */
const MIN_BLOCK_LEVEL = 1

/** What a table comes to as one entry of the level above. */
export type Folded =
  | { readonly kind: 'entry'; readonly entry: RttEntry }
  /** Its entries do not say one thing. */
  | { readonly kind: 'mixed' }
  /** They do, or might, but of a block larger than there is. */
  | { readonly kind: 'too-large' }

const MIXED: Folded = { kind: 'mixed' }
const TOO_LARGE: Folded = { kind: 'too-large' }

/**
 * Says in one entry what a table's 512 entries say together: the same of unassigned addresses, or a block of memory
 * that is contiguous, aligned, and the same in RIPAS, or in attributes if it is Non-secure.
 *
 * A table full of what holds references is too large before it is mixed, as in the recorded firmware, which compares
 * its count of references first.
 */
export function foldTable(memory: PhysicalMemory, rtt: Rtt): Folded {
  const entries = readEntries(memory, rtt)
  const first = entries[0]!
  if (first.state === 'unassigned') {
    return entries.every((entry) => entry.state === 'unassigned' && entry.ripas === first.ripas)
      ? { kind: 'entry', entry: first }
      : MIXED
  }
  const isBlockLevel = rtt.level > MIN_BLOCK_LEVEL
  if (first.state === 'assigned-ns') {
    if (!isBlock(entries, rtt.level, first)) return MIXED
    return isBlockLevel ? { kind: 'entry', entry: first } : TOO_LARGE
  }
  if (!isBlockLevel && entries.every(holdsReference)) return TOO_LARGE
  return first.state === 'assigned' && isBlock(entries, rtt.level, first) ? { kind: 'entry', entry: first } : MIXED
}

/** Whether all entries map one block, as the first of them does its beginning. */
function isBlock(entries: readonly RttEntry[], level: number, first: BlockEntry): boolean {
  const size = entrySize(level)
  if (first.address % entrySize(level - 1) !== 0) return false
  return entries.every((entry, index) => {
    if (entry.state !== first.state || entry.address !== first.address + index * size) return false
    if (entry.state === 'assigned') return first.state === 'assigned' && entry.ripas === first.ripas
    return first.state === 'assigned-ns' && entry.attributes === first.attributes
  })
}

/** What entry `index` of a table at `level` says when the table says what one entry above it said. */
export function unfoldEntry(above: RttEntry, level: number, index: number): RttEntry {
  return 'address' in above ? { ...above, address: above.address + index * entrySize(level) } : above
}
