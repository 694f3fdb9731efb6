import { blockOf, GRANULE_SIZE, gigabyteOf, lowWord } from '../address.ts'
import type { PhysicalMemory } from '../physical-memory.ts'
import { PAS } from '../world.ts'
import {
  addressWords,
  DESCRIPTOR_TYPE,
  grantedRights,
  neededRights,
  OUTPUT_HIGH,
  outputGranule,
  S2_NON_SECURE_HIGH,
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
  /** Where the walk stopped. */
  level: number
  /** Byte offset into DRAM of the byte accessed; meaningful without a fault. */
  offset: number
}

/** A table is 4096 bytes, so 2^10 words; a descriptor is two of them. Word numbers stay below 2^31: DRAM is under 8 GiB. */
const TABLE_WORD_BITS = 10

/** What a table of level 3 covers: 2 MiB. */
const BLOCK_SIZE = 2 ** 21

/** What {@link Stage2Walker.translate} returns when the access may not proceed. */
export const NO_TRANSLATION = -1

/** Where a block starts that no address is in. */
const NOWHERE = Number.POSITIVE_INFINITY

/**
 * Walks stage-2 tables for one PE: from an IPA to an offset into DRAM, with rights and granule protection checked.
 *
 * Pages and blocks are looked up at every access, so one that is taken away is away at once. What a walker remembers is
 * the last table of level 3, as the walk caches of hardware do: until {@link PhysicalMemory.invalidateWalks}, which is
 * owed by whoever changes a table descriptor or the granule protection of a table.
 *
 * INVARIANT: from one descriptor to the next there are only 32-bit integers; a double costs as much as the whole walk.
 *
 * SIMPLIFIED: the access flag is not looked at (as if hardware managed it), nor are memory attributes.
 */
export class Stage2Walker {
  readonly result: WalkResult = { fault: undefined, level: 0, offset: 0 }
  readonly #words: Uint32Array
  readonly #gpt: Uint8Array
  readonly #epoch: Int32Array
  /** Where DRAM starts, as the two words of an output address. */
  readonly #baseLow: number
  readonly #baseHigh: number
  /** The page number of {@link #baseLow}. */
  readonly #basePage: number
  readonly #startGranule: number
  readonly #startLevel: number
  readonly #startMask: number
  readonly #limit: number
  /** {@link #table} is the level-3 table of the block that starts at {@link #blockStart}, as of {@link #remembered}. */
  #remembered = 0
  #blockStart = NOWHERE
  #table = 0

  constructor(memory: PhysicalMemory, root: Stage2Root) {
    const [baseLow, baseHigh] = addressWords(memory.base)
    this.#words = memory.words
    this.#gpt = memory.gpt
    this.#epoch = memory.epoch
    this.#baseLow = baseLow
    this.#baseHigh = baseHigh
    this.#basePage = baseLow >>> 12
    this.#startGranule = Math.floor((root.table - memory.base) / GRANULE_SIZE) | 0
    this.#startLevel = root.startLevel
    // A start level of concatenated tables has an index of more than nine bits; the tables follow each other.
    this.#startMask = (1 << tableIndexBits(root.startLevel, root.ipaBits)) - 1
    this.#limit = 2 ** root.ipaBits
  }

  /** Translates one byte address for one kind of access. Returns whether it may proceed; `result` says where to or why. */
  walk(ipa: number, kind: AccessKind): boolean {
    const offset = this.translate(ipa, kind)
    if (offset === NO_TRANSLATION) return false
    this.result.fault = undefined
    this.result.offset = offset
    return true
  }

  /** As {@link walk}, for hot paths: the offset into DRAM, or {@link NO_TRANSLATION} with the reason in `result`. */
  translate(ipa: number, kind: AccessKind): number {
    const inBlock = ipa - this.#blockStart
    if (inBlock >= 0 && inBlock < BLOCK_SIZE && this.#epoch[0] === this.#remembered) {
      const offset = this.#pageInBlock(inBlock | 0, neededRights(kind))
      if (offset !== NO_TRANSLATION) return offset
    }
    if (!(ipa >= 0 && ipa < this.#limit)) return this.#stop('translation', this.#startLevel)
    return this.#descend(gigabyteOf(ipa), lowWord(ipa), kind)
  }

  /**
   * The offset of an address in the block that is remembered, if it is a page as nearly all are: in the 4 GiB in which
   * DRAM starts, with the rights needed, in the right physical address space. For anything else the whole walk says why.
   *
   * Short on purpose: the engine's budget for what it inlines into one access is what this has to fit into.
   */
  #pageInBlock(inBlock: number, needed: number): number {
    const word = (this.#table << TABLE_WORD_BITS) + ((inBlock >>> 12) << 1)
    const low = this.#words[word]!
    const high = this.#words[word + 1]!
    if ((low & DESCRIPTOR_TYPE.mask) !== DESCRIPTOR_TYPE.tableOrPage) return NO_TRANSLATION
    if ((grantedRights(low, high) & needed) !== needed || (high & OUTPUT_HIGH) !== this.#baseHigh) return NO_TRANSLATION
    const granule = (low >>> 12) - this.#basePage
    const pas = (high & S2_NON_SECURE_HIGH) === 0 ? PAS.realm : PAS.nonSecure
    return this.#gpt[granule] === pas ? granule * GRANULE_SIZE + (inBlock & (GRANULE_SIZE - 1)) : NO_TRANSLATION
  }

  /** The whole walk, from the start level on. */
  #descend(high: number, low: number, kind: AccessKind): number {
    this.#blockStart = NOWHERE
    // Read first: what changes during the walk makes it invalid.
    const epoch = this.#epoch[0]!
    let table = this.#startGranule
    let mask = this.#startMask
    for (let level = this.#startLevel; level < 3; level++) {
      const index = tableIndex(high, low, level) & mask
      // INVARIANT: a table is read only from a granule that the GPT says is the Realm world's.
      if (this.#gpt[table + (index >>> 9)] !== PAS.realm) return this.#stop('granule-protection-on-walk', level)
      const word = (table << TABLE_WORD_BITS) + (index << 1)
      const descriptor = this.#words[word]!
      const upper = this.#words[word + 1]!
      const type = descriptor & DESCRIPTOR_TYPE.mask
      if (type !== DESCRIPTOR_TYPE.tableOrPage) {
        // Blocks exist at levels 1 and 2 only (4 KiB granules, 48-bit descriptors).
        if (type !== DESCRIPTOR_TYPE.block || level === 0) return this.#stop('translation', level)
        return this.#leaf(descriptor, upper, level === 2 ? BLOCK_PAGE_MASK[2] : BLOCK_PAGE_MASK[1], low, kind, level)
      }
      table = outputGranule(descriptor, upper, this.#baseLow, this.#baseHigh)
      mask = TABLE_ENTRIES - 1
    }
    // Only where walks start at level 3 can this be another table than the one found.
    table += ((low >>> 12) & mask) >>> 9
    this.#table = table
    this.#blockStart = blockOf(high, low)
    this.#remembered = epoch
    return this.#page(table, low, kind)
  }

  /** The last step: the descriptor of a page, in a table of level 3. */
  #page(table: number, low: number, kind: AccessKind): number {
    if (this.#gpt[table] !== PAS.realm) return this.#stop('granule-protection-on-walk', 3)
    const word = (table << TABLE_WORD_BITS) + (((low >>> 12) & (TABLE_ENTRIES - 1)) << 1)
    const descriptor = this.#words[word]!
    if ((descriptor & DESCRIPTOR_TYPE.mask) !== DESCRIPTOR_TYPE.tableOrPage) return this.#stop('translation', 3)
    return this.#leaf(descriptor, this.#words[word + 1]!, 0, low, kind, 3)
  }

  /** @param inBlock The page bits that a block descriptor leaves to the address. */
  #leaf(descriptor: number, upper: number, inBlock: number, low: number, kind: AccessKind, level: number): number {
    const needed = neededRights(kind)
    if ((grantedRights(descriptor, upper) & needed) !== needed) return this.#stop('permission', level)
    const block = outputGranule(descriptor & ~(inBlock << 12), upper, this.#baseLow, this.#baseHigh)
    const granule = block + ((low >>> 12) & inBlock)
    // The NS bit chooses the physical address space, and the granule must be in that one; outside DRAM it is in none.
    const pas = (upper & S2_NON_SECURE_HIGH) === 0 ? PAS.realm : PAS.nonSecure
    if (this.#gpt[granule] !== pas) return this.#stop('granule-protection', level)
    this.result.level = level
    return granule * GRANULE_SIZE + (low & (GRANULE_SIZE - 1))
  }

  #stop(fault: WalkFault, level: number): typeof NO_TRANSLATION {
    this.result.fault = fault
    this.result.level = level
    return NO_TRANSLATION
  }
}

/** Page-number bits within a block of levels 1 and 2. */
const BLOCK_PAGE_MASK = { 1: 0x3_ffff, 2: 0x1ff } as const
