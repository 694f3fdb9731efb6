import { GRANULE_SIZE, lowWord } from '../address.ts'
import type { PhysicalMemory } from '../physical-memory.ts'
import { PAS } from '../world.ts'
import {
  DESCRIPTOR_TYPE,
  grantedRights,
  neededRights,
  type OutputBits,
  outputBits,
  outputGranule,
  outputHigh,
  S2_EXECUTE_NEVER_HIGH,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
  TABLE_ENTRIES,
  tableIndex,
  tableIndexBits,
} from './descriptor.ts'

/** What a PE is told about a Realm's stage 2: VTTBR_EL2 and the size fields of VTCR_EL2. */
export interface Stage2Root {
  /** Physical address of the first start-level table; concatenated tables follow it. */
  readonly table: number
  readonly startLevel: number
  /** Width of the IPA space in bits. */
  readonly ipaBits: number
  /** VTCR_EL2.DS: descriptors hold addresses of 52 bits (FEAT_LPA2). */
  readonly lpa2: boolean
}

export type AccessKind = 'read' | 'write' | 'execute'

/**
 * Why a walk stopped, as DFSC encodes it; the level is {@link WalkResult.level}. The granule protection check fails
 * either for the byte accessed or, `-on-walk`, for a table on the way to it.
 */
export type WalkFault = 'translation' | 'permission' | 'granule-protection' | 'granule-protection-on-walk'

/** Reused by every walk of one walker, so that an access allocates nothing. */
export interface WalkResult {
  fault: WalkFault | undefined
  /** Where the walk stopped; meaningful with a fault. */
  level: number
  /** Byte offset into DRAM of the byte accessed; meaningful without a fault. */
  offset: number
}

/** A table is 4096 bytes, so 2^10 words; a descriptor is two of them. Word numbers stay below 2^31: DRAM is under 8 GiB. */
const TABLE_WORD_BITS = 10

/** What {@link Stage2Walker.translate} returns when the access may not proceed. */
export const NO_TRANSLATION = -1

/** The number of a granule that no memory has. */
const NO_GRANULE = -1

/** An epoch before all. */
const NEVER = -1

/** The number of a block that no address is in. */
const NO_BLOCK = -1

// What is used in every access, as constants of this module: compiled code reads an imported one anew at each use.
const TYPE_MASK = DESCRIPTOR_TYPE.mask
const TABLE_OR_PAGE = DESCRIPTOR_TYPE.tableOrPage
const NON_SECURE_OUTPUT = S2_NON_SECURE_HIGH
const REALM = PAS.realm
const NON_SECURE = PAS.nonSecure
const ENTRIES = TABLE_ENTRIES
const GRANULE = GRANULE_SIZE
const RIGHTS_LOW = S2AP_READ | S2AP_WRITE
const RIGHTS_HIGH = S2_EXECUTE_NEVER_HIGH
const TO_READ = neededRights('read')
const TO_WRITE = neededRights('write')
const TO_EXECUTE = neededRights('execute')

/**
 * What an address is multiplied by, and cut to an integer, to get the number of the 2 MiB that hold it: what one table of
 * level 3 maps. It has at most 31 bits, so the shift operators are safe on it. An exact reciprocal, because a division
 * of doubles takes longer.
 */
const BLOCKS_PER_BYTE = 2 ** -21

/** The low part of a table descriptor, below its address; in a plain one only the type is set. */
const BELOW_ADDRESS = 0xfff

/** Bits of `high` that may hold address bits, whatever VTCR_EL2.DS says. */
const OUTPUT_HIGH = 0x3_ffff

/**
 * Walks stage-2 tables for one PE: from an IPA to an offset into DRAM, with rights and granule protection checked.
 *
 * Pages and blocks are looked up at every access, so one that is taken away is away at once. What a walker remembers is
 * the last table of level 3, as the walk caches of hardware do: until {@link PhysicalMemory.invalidateWalks}, which is
 * owed by whoever changes a table descriptor or the granule protection of a table.
 *
 * INVARIANT: from one descriptor to the next there are only 32-bit integers; a double costs as much as the whole walk.
 *
 * Members are private to the type checker only: the engine checks a `#private` name at each of a dozen uses, which makes
 * an access half as long again. No guest ever holds a walker.
 *
 * SIMPLIFIED: the access flag is not looked at (as if hardware managed it), nor are memory attributes.
 */
export class Stage2Walker {
  readonly result: WalkResult = { fault: undefined, level: 0, offset: 0 }
  private readonly words: Uint32Array
  private readonly gpt: Uint8Array
  private readonly epoch: Int32Array
  /** Where DRAM starts: bits 31:0, the page number in them, and bits 51:32. */
  private readonly baseLow: number
  private readonly basePage: number
  private readonly baseHigh: number
  private readonly startGranule: number
  private readonly startLevel: number
  private readonly startMask: number
  /** Entries of the start level, if it is what it usually is: one table of level 1. */
  private readonly usualEntries: number
  private readonly limit: number
  private readonly outputBits: OutputBits
  /** Bits of `low` that an address in DRAM leaves clear. */
  private readonly clearLow: number
  /** Level of the largest blocks: 1 GiB, with 52-bit addresses 512 GiB. */
  private readonly blockLevel: number
  /** `table` is the level-3 table of the 2 MiB numbered `block`, as of the epoch `remembered`. */
  private remembered = NEVER
  private block = NO_BLOCK
  private table = 0

  constructor(memory: PhysicalMemory, root: Stage2Root) {
    this.words = memory.words
    this.gpt = memory.gpt
    this.epoch = memory.epoch
    this.baseLow = lowWord(memory.base)
    this.basePage = this.baseLow >>> 12
    this.baseHigh = Math.floor(memory.base / 2 ** 32)
    this.startGranule = Math.floor((root.table - memory.base) / GRANULE) | 0
    this.startLevel = root.startLevel
    // A start level of concatenated tables has an index of more than nine bits; the tables follow each other.
    this.startMask = (1 << tableIndexBits(root.startLevel, root.ipaBits)) - 1
    this.usualEntries = root.startLevel === 1 ? ENTRIES : 0
    this.limit = 2 ** root.ipaBits
    this.outputBits = outputBits(root.lpa2)
    this.clearLow = this.outputBits.low
    this.blockLevel = root.lpa2 ? 0 : 1
  }

  /** Translates one byte address for one kind of access. Returns whether it may proceed; `result` says where to or why. */
  walk(ipa: number, kind: AccessKind): boolean {
    const offset = this.translate(ipa, kind)
    if (offset === NO_TRANSLATION) return false
    this.result.fault = undefined
    this.result.offset = offset
    return true
  }

  /**
   * As {@link walk}, for hot paths: the offset into DRAM, or {@link NO_TRANSLATION} with the reason in `result`.
   *
   * What nearly all accesses are is decided here and in `findTable`: a page in the 4 GiB in which DRAM starts, with the
   * rights needed, in the right physical address space, reached from one start table of level 1. For anything else
   * `descend` decides. Both are short on purpose: the engine's budget for what it inlines into one access is what they
   * have to fit into, and a check that is part of one expression costs half of one with a branch of its own.
   *
   * INVARIANT: the epoch is read anew for every access. A plain read: of an aligned 32-bit element it cannot tear, and
   * calls lie between two accesses, so the engine keeps none from before. `Atomics.load` is a call out of compiled code in
   * Node 20 and takes 7 ns, half a walk. An access that has read it before a TLBI may still end after: a monitor that runs
   * beside its guests has to wait for them to leave the access, as the DSB after a TLBI does.
   */
  translate(ipa: number, kind: AccessKind): number {
    if (!(ipa >= 0 && ipa < this.limit)) return this.stop('translation', this.startLevel)
    // Here and not in address.ts: the two calls would take longer than what they do.
    const block = (ipa * BLOCKS_PER_BYTE) | 0
    const address = ipa | 0
    const epoch = this.epoch[0]!
    if ((block === this.block && epoch === this.remembered) || this.findTable(block, epoch)) {
      const word = ((this.table << TABLE_WORD_BITS) + ((address >>> 11) & 0x3fe)) | 0
      const low = this.words[word]! | 0
      const high = this.words[word + 1]! | 0
      const needed = kind === 'read' ? TO_READ : kind === 'write' ? TO_WRITE : TO_EXECUTE
      const wrong =
        ((low & TYPE_MASK) ^ TABLE_OR_PAGE) |
        (needed & ~((low & RIGHTS_LOW) | (~high & RIGHTS_HIGH))) |
        (low & this.clearLow) |
        ((high & OUTPUT_HIGH) ^ this.baseHigh)
      if (wrong === 0) {
        const granule = ((low >>> 12) - this.basePage) | 0
        const pas = (high & NON_SECURE_OUTPUT) === 0 ? REALM : NON_SECURE
        if (this.gpt[granule] === pas) return granule * GRANULE + (address & (GRANULE - 1))
      }
    }
    return this.descend(block, address, kind)
  }

  /**
   * Remembers the level-3 table of a block, if the way to it is the usual one: from one start table of level 1, through
   * table descriptors in which nothing but the address is set.
   */
  private findTable(block: number, epoch: number): boolean {
    const index = block >>> 9
    if (index >= this.usualEntries) return false
    // INVARIANT: a table is read only from a granule that the GPT says is the Realm world's. Of the start table that is
    // known since any walk of this epoch: whoever changes the GPT begins another.
    const start = this.startGranule
    if (epoch !== this.remembered && this.gpt[start] !== REALM) return false
    const next = this.plainTable(((start << TABLE_WORD_BITS) + (index << 1)) | 0)
    if (this.gpt[next] !== REALM) return false
    const table = this.plainTable(((next << TABLE_WORD_BITS) + ((block & (ENTRIES - 1)) << 1)) | 0)
    if (this.gpt[table] !== REALM) return false
    this.table = table
    this.block = block
    this.remembered = epoch
    return true
  }

  /** The granule that a plain table descriptor leads to; one that no memory has if it is none. */
  private plainTable(word: number): number {
    const low = this.words[word]! | 0
    const wrong = ((low & BELOW_ADDRESS) ^ TABLE_OR_PAGE) | (this.words[word + 1]! ^ this.baseHigh)
    return wrong === 0 ? ((low >>> 12) - this.basePage) | 0 : NO_GRANULE
  }

  /** The whole walk, from the start level on. */
  private descend(block: number, low: number, kind: AccessKind): number {
    this.block = NO_BLOCK
    // Read first: what changes during the walk makes it invalid.
    const epoch = this.epoch[0]!
    let table = this.startGranule
    let mask = this.startMask
    for (let level = this.startLevel; level < 3; level++) {
      const index = tableIndex(block, low, level) & mask
      if (this.gpt[table + (index >>> 9)] !== REALM) return this.stop('granule-protection-on-walk', level)
      const word = (table << TABLE_WORD_BITS) + (index << 1)
      const descriptor = this.words[word]! | 0
      const upper = this.words[word + 1]! | 0
      const type = descriptor & TYPE_MASK
      if (type !== TABLE_OR_PAGE) {
        if (type !== DESCRIPTOR_TYPE.block || level < this.blockLevel) return this.stop('translation', level)
        return this.leafOfBlock(descriptor, upper, block, low, kind, level)
      }
      table = this.granuleOf(descriptor, upper)
      mask = ENTRIES - 1
    }
    // Only where walks start at level 3 can this be another table than the one found.
    table += ((low >>> 12) & mask) >>> 9
    if (this.gpt[table] !== REALM) return this.stop('granule-protection-on-walk', 3)
    this.table = table
    this.block = block
    this.remembered = epoch
    return this.page(table, low, kind)
  }

  /** The last step: the descriptor of a page, in a table of level 3. */
  private page(table: number, low: number, kind: AccessKind): number {
    const word = (table << TABLE_WORD_BITS) + (((low >>> 12) & (ENTRIES - 1)) << 1)
    const descriptor = this.words[word]! | 0
    if ((descriptor & TYPE_MASK) !== TABLE_OR_PAGE) return this.stop('translation', 3)
    const upper = this.words[word + 1]! | 0
    return this.leaf(descriptor, upper, this.granuleOf(descriptor, upper), low, kind, 3)
  }

  /** A block: the page number within it comes from the address, whatever the descriptor has in those bits. */
  private leafOfBlock(
    descriptor: number,
    upper: number,
    block: number,
    low: number,
    kind: AccessKind,
    level: number,
  ): number {
    const inBlock = BLOCK_PAGES[level]!
    const blockHigh = outputHigh(descriptor, upper, this.outputBits) & ~inBlock.high
    const first = outputGranule(descriptor & ~(inBlock.low << 12), blockHigh, this.baseLow, this.baseHigh)
    // Bits 38:32 of the address are 17:11 of the number of its 2 MiB.
    const page = ((block >>> 11) & inBlock.high) * 2 ** 20 + ((low >>> 12) & inBlock.low)
    return this.leaf(descriptor, upper, first + page, low, kind, level)
  }

  private leaf(
    descriptor: number,
    upper: number,
    granule: number,
    low: number,
    kind: AccessKind,
    level: number,
  ): number {
    const needed = neededRights(kind)
    if ((grantedRights(descriptor, upper) & needed) !== needed) return this.stop('permission', level)
    // The NS bit chooses the physical address space, and the granule must be in that one; outside DRAM it is in none.
    const pas = (upper & NON_SECURE_OUTPUT) === 0 ? REALM : NON_SECURE
    if (this.gpt[granule] !== pas) return this.stop('granule-protection', level)
    return granule * GRANULE + (low & (GRANULE - 1))
  }

  /** The granule of DRAM that a table or page descriptor leads to, if there is one of that number. */
  private granuleOf(descriptor: number, upper: number): number {
    return outputGranule(descriptor, outputHigh(descriptor, upper, this.outputBits), this.baseLow, this.baseHigh)
  }

  private stop(fault: WalkFault, level: number): typeof NO_TRANSLATION {
    this.result.fault = fault
    this.result.level = level
    return NO_TRANSLATION
  }
}

/** Address bits that number the pages of a block, by level: of bits 31:12, and of bits 38:32. */
const BLOCK_PAGES: readonly { readonly low: number; readonly high: number }[] = [
  { low: 0xf_ffff, high: 0x7f },
  { low: 0x3_ffff, high: 0 },
  { low: 0x1ff, high: 0 },
]
