import {
  DESCRIPTOR_TYPE,
  entrySize,
  GRANULE_SIZE,
  outputAddress,
  type PhysicalMemory,
  S2_EXECUTE_NEVER_HIGH,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
  TABLE_ENTRIES,
} from '@mica/hw-sim'
import { MAY } from './account.ts'

/** Where a table walk begins, and how. */
export interface TableRoot {
  readonly table: number
  readonly startLevel: number
}

/** One descriptor of a Realm's tables that is not zero, as hardware reads it. */
export interface FoundDescriptor {
  readonly level: number
  readonly ipa: number
  readonly low: number
  readonly high: number
  /** The address in it; of an invalid one too, where a monitor may keep something of its own. */
  readonly address: number
  readonly kind: 'invalid' | 'table' | 'realm' | 'non-secure'
  /** Rights of a page or block. */
  readonly rights: number
}

/** What was found in one table, and what it then held. */
interface KnownTable {
  readonly level: number
  readonly base: number
  readonly content: Buffer
  readonly found: readonly FoundDescriptor[]
}

/**
 * Reads the tables that a PE would walk for a Realm. It remembers what it found in each and compares: of a table that has
 * not changed, which most have not from one look to the next, nothing is read anew.
 */
export class TableScan {
  readonly #memory: PhysicalMemory
  readonly #known: (KnownTable | undefined)[] = []

  constructor(memory: PhysicalMemory) {
    this.#memory = memory
  }

  /** Every descriptor that is not zero, each table's after the descriptor that leads to it. */
  read({ table, startLevel }: TableRoot): readonly FoundDescriptor[] {
    const found: FoundDescriptor[] = []
    this.#visit((table - this.#memory.base) / GRANULE_SIZE, startLevel, 0, found)
    return found
  }

  #visit(granule: number, level: number, base: number, found: FoundDescriptor[]): void {
    for (const entry of this.#entriesOf(granule, level, base)) {
      found.push(entry)
      if (entry.kind !== 'table') continue
      this.#visit((entry.address - this.#memory.base) / GRANULE_SIZE, level + 1, entry.ipa, found)
    }
  }

  #entriesOf(granule: number, level: number, base: number): readonly FoundDescriptor[] {
    const bytes = this.#memory.granuleBytes(granule)
    const known = this.#known[granule]
    if (known?.level === level && known.base === base && known.content.equals(bytes)) return known.found
    const found = readTable(this.#memory, granule, level, base)
    this.#known[granule] = { level, base, content: Buffer.from(bytes), found }
    return found
  }
}

function readTable(memory: PhysicalMemory, granule: number, level: number, base: number): FoundDescriptor[] {
  const { words } = memory
  const found: FoundDescriptor[] = []
  const first = granule * TABLE_ENTRIES * 2
  for (let word = first; word < first + TABLE_ENTRIES * 2; word += 2) {
    const low = words[word]!
    const high = words[word + 1]!
    if ((low | high) === 0) continue
    const ipa = base + ((word - first) / 2) * entrySize(level)
    const address = outputAddress(low, high, false)
    found.push({ level, ipa, low, high, address, kind: kindOf(low, high, level), rights: rightsOf(low, high) })
  }
  return found
}

function kindOf(low: number, high: number, level: number): FoundDescriptor['kind'] {
  const type = low & DESCRIPTOR_TYPE.mask
  const isLeaf = level === 3 ? type === DESCRIPTOR_TYPE.tableOrPage : type === DESCRIPTOR_TYPE.block
  if (isLeaf) return (high & S2_NON_SECURE_HIGH) === 0 ? 'realm' : 'non-secure'
  return level < 3 && type === DESCRIPTOR_TYPE.tableOrPage ? 'table' : 'invalid'
}

function rightsOf(low: number, high: number): number {
  const read = (low & S2AP_READ) === 0 ? 0 : MAY.read
  const write = (low & S2AP_WRITE) === 0 ? 0 : MAY.write
  return read | write | ((high & S2_EXECUTE_NEVER_HIGH) === 0 ? MAY.execute : 0)
}
