import { GRANULE_SIZE, type GranuleIndex, type PhysicalAddress, physicalAddressOf } from './address.ts'
import { mayAccess, PAS, type Pas, type World } from './world.ts'

/** What every PE needs to reach memory: shared between threads, never handed to a guest. */
export interface MemoryBuffers {
  readonly base: number
  readonly dram: SharedArrayBuffer
  readonly gpt: SharedArrayBuffer
  /** One word: how often what a walk may remember was made invalid. */
  readonly epoch: SharedArrayBuffer
}

/**
 * DRAM and its granule protection table.
 *
 * Every access names the world that makes it and passes the granule protection check; what fails it reads nothing and
 * writes nothing. One instance per thread stands over the same shared buffers.
 */
export class PhysicalMemory {
  readonly base: PhysicalAddress
  readonly granules: number
  readonly buffers: MemoryBuffers
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #doublewords: BigUint64Array
  readonly #view: DataView
  readonly #gpt: Uint8Array
  readonly #epoch: Int32Array

  constructor(buffers: MemoryBuffers) {
    this.base = physicalAddressOf(buffers.base)
    this.buffers = buffers
    this.granules = buffers.dram.byteLength / GRANULE_SIZE
    this.#bytes = new Uint8Array(buffers.dram)
    this.#words = new Uint32Array(buffers.dram)
    this.#doublewords = new BigUint64Array(buffers.dram)
    this.#view = new DataView(buffers.dram)
    this.#gpt = new Uint8Array(buffers.gpt)
    this.#epoch = new Int32Array(buffers.epoch)
  }

  /** Makes zeroed DRAM of `size` bytes at `base`, all of it Non-secure, as a machine is after reset. */
  static create(base: number, size: number): PhysicalMemory {
    const granules = size / GRANULE_SIZE
    return new PhysicalMemory({
      base,
      dram: new SharedArrayBuffer(size),
      gpt: new SharedArrayBuffer(granules),
      epoch: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
    })
  }

  /** The granule that holds `address`, or `undefined` outside DRAM. */
  granuleIndex(address: PhysicalAddress): GranuleIndex | undefined {
    const index = Math.floor((address - this.base) / GRANULE_SIZE)
    return index >= 0 && index < this.granules ? index : undefined
  }

  /** The address of the first byte of a granule. */
  addressOf(granule: GranuleIndex): PhysicalAddress {
    return physicalAddressOf(this.base + granule * GRANULE_SIZE)
  }

  /** The physical address space a granule is in. */
  pas(granule: GranuleIndex): Pas {
    return this.#gpt[granule] as Pas
  }

  /** Moves a granule to a physical address space. Only root firmware does this. */
  setPas(granule: GranuleIndex, pas: Pas): void {
    this.#gpt[granule] = pas
    this.invalidateWalks()
  }

  /**
   * TLBI by all PEs: whatever a walk remembers of tables is forgotten before the next access. Whoever changes a table
   * descriptor owes it; pages and blocks are never remembered.
   */
  invalidateWalks(): void {
    Atomics.add(this.#epoch, 0, 1)
  }

  /** Changes whenever walks are invalidated. */
  get epoch(): Int32Array {
    return this.#epoch
  }

  /** Whether `length` bytes at `address` lie in DRAM and every granule of them passes the check for `world`. */
  permits(world: World, address: PhysicalAddress, length: number): boolean {
    const first = this.granuleIndex(address)
    const last = this.granuleIndex(physicalAddressOf(address + Math.max(length, 1) - 1))
    if (first === undefined || last === undefined) return false
    for (let granule = first; granule <= last; granule++) if (!mayAccess(world, this.pas(granule))) return false
    return true
  }

  /** A copy of `length` bytes at `address`, or `undefined` on a granule protection fault. */
  read(world: World, address: PhysicalAddress, length: number): Uint8Array | undefined {
    if (!this.permits(world, address, length)) return undefined
    const offset = address - this.base
    return this.#bytes.slice(offset, offset + length)
  }

  /** Writes `bytes` at `address`; false, and nothing written, on a granule protection fault. */
  write(world: World, address: PhysicalAddress, bytes: Uint8Array): boolean {
    if (!this.permits(world, address, bytes.length)) return false
    this.#bytes.set(bytes, address - this.base)
    return true
  }

  /** Fills `length` bytes at `address` with zeroes; false, and nothing written, on a granule protection fault. */
  zero(world: World, address: PhysicalAddress, length: number): boolean {
    if (!this.permits(world, address, length)) return false
    const offset = address - this.base
    this.#bytes.fill(0, offset, offset + length)
    return true
  }

  /**
   * A live view of one granule, for the monitor and for stage-2 accesses that have already been checked.
   * Never handed to a guest or to the host: whoever holds a view holds the whole buffer.
   */
  granuleBytes(granule: GranuleIndex): Uint8Array {
    const offset = granule * GRANULE_SIZE
    return this.#bytes.subarray(offset, offset + GRANULE_SIZE)
  }

  /** All of DRAM as bytes: for accesses that have been checked, on paths where a view per granule would allocate. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** All of DRAM as 32-bit words: what a table walk reads, two words to a descriptor. */
  get words(): Uint32Array {
    return this.#words
  }

  /** All of DRAM as 64-bit words, for aligned accesses. */
  get doublewords(): BigUint64Array {
    return this.#doublewords
  }

  /** All of DRAM as a `DataView`, for single accesses of 32 and 64 bits wherever they lie. */
  get view(): DataView {
    return this.#view
  }

  /** The granule protection table, a byte a granule: what a PE checks on every access. */
  get gpt(): Uint8Array {
    return this.#gpt
  }

  /** Whether a granule is in the Non-secure physical address space. */
  isNonSecure(granule: GranuleIndex): boolean {
    return this.#gpt[granule] === PAS.nonSecure
  }

  /** Whether a granule is in the Realm physical address space. */
  isRealm(granule: GranuleIndex): boolean {
    return this.#gpt[granule] === PAS.realm
  }
}
