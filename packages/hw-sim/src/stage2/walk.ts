import { GRANULE_SIZE, gigabyteOf, lowWord } from '../address.ts'
import type { PhysicalMemory } from '../physical-memory.ts'
import { PAS } from '../world.ts'
import {
  DESCRIPTOR_TYPE,
  outputPage,
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

/** A table is 4096 bytes, so 1024 words; a descriptor is two of them. */
const WORDS_PER_TABLE = 1024

/** What {@link Stage2Walker.translate} returns when the access may not proceed. */
export const NO_TRANSLATION = -1

/**
 * Walks stage-2 tables for one PE: from an IPA to an offset into DRAM, with rights and granule protection checked.
 *
 * There is no TLB: a walk costs a few nanoseconds, and a mapping that is taken away is away at the next access.
 *
 * SIMPLIFIED: the access flag is not looked at (as if hardware managed it), nor are memory attributes.
 */
export class Stage2Walker {
  readonly result: WalkResult = { fault: undefined, level: 0, offset: 0 }
  readonly #words: Uint32Array
  readonly #gpt: Uint8Array
  readonly #basePage: number
  readonly #startGranule: number
  readonly #startLevel: number
  readonly #startMask: number
  readonly #limit: number

  constructor(memory: PhysicalMemory, root: Stage2Root) {
    this.#words = memory.words
    this.#gpt = memory.gpt
    this.#basePage = memory.base / GRANULE_SIZE
    this.#startGranule = root.table / GRANULE_SIZE - this.#basePage
    this.#startLevel = root.startLevel
    // A start level of concatenated tables has an index of more than nine bits; the tables follow each other.
    this.#startMask = 2 ** tableIndexBits(root.startLevel, root.ipaBits) - 1
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
    if (!(ipa >= 0 && ipa < this.#limit)) return this.#stop('translation', this.#startLevel)
    const high = gigabyteOf(ipa)
    const low = lowWord(ipa)
    let table = this.#startGranule
    let mask = this.#startMask
    let level = this.#startLevel
    for (; level < 3; level++) {
      const index = tableIndex(high, low, level) & mask
      // INVARIANT: a table is read only from a granule that the GPT says is the Realm world's.
      if (this.#gpt[table + (index >>> 9)] !== PAS.realm) return this.#stop('granule-protection-on-walk', level)
      const word = table * WORDS_PER_TABLE + index * 2
      const descriptor = this.#words[word]!
      const upper = this.#words[word + 1]!
      const type = descriptor & DESCRIPTOR_TYPE.mask
      if (type === DESCRIPTOR_TYPE.tableOrPage) {
        table = outputPage(descriptor, upper) - this.#basePage
        mask = TABLE_ENTRIES - 1
        continue
      }
      // Blocks exist at levels 1 and 2 only (4 KiB granules, 48-bit descriptors).
      if (type !== DESCRIPTOR_TYPE.block || level === 0) return this.#stop('translation', level)
      return this.#leaf(descriptor, upper, level === 2 ? BLOCK_PAGE_MASK[2] : BLOCK_PAGE_MASK[1], low, kind, level)
    }
    const index = (low >>> 12) & mask
    if (this.#gpt[table + (index >>> 9)] !== PAS.realm) return this.#stop('granule-protection-on-walk', 3)
    const word = table * WORDS_PER_TABLE + index * 2
    const descriptor = this.#words[word]!
    if ((descriptor & DESCRIPTOR_TYPE.mask) !== DESCRIPTOR_TYPE.tableOrPage) return this.#stop('translation', 3)
    return this.#leaf(descriptor, this.#words[word + 1]!, 0, low, kind, 3)
  }

  /** @param inBlock The page bits that a block descriptor leaves to the address. */
  #leaf(descriptor: number, upper: number, inBlock: number, low: number, kind: AccessKind, level: number): number {
    this.result.level = level
    if (!permitted(descriptor, upper, kind)) return this.#stop('permission', level)
    const granule = outputPage(descriptor & ~(inBlock << 12), upper) + ((low >>> 12) & inBlock) - this.#basePage
    // The NS bit chooses the physical address space, and the granule must be in that one; outside DRAM it is in none.
    const pas = (upper & S2_NON_SECURE_HIGH) === 0 ? PAS.realm : PAS.nonSecure
    if (this.#gpt[granule] !== pas) return this.#stop('granule-protection', level)
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

function permitted(low: number, high: number, kind: AccessKind): boolean {
  switch (kind) {
    case 'read':
      return (low & S2AP_READ) !== 0
    case 'write':
      return (low & S2AP_WRITE) !== 0
    case 'execute':
      return (low & S2AP_READ) !== 0 && (high & S2_EXECUTE_NEVER_HIGH) === 0
  }
}
