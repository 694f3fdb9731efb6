import {
  addressWords,
  DESCRIPTOR_TYPE,
  GRANULE_SIZE,
  PAS,
  type Pas,
  type PhysicalMemory,
  S2_EXECUTE_NEVER_HIGH,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
  type Stage2Root,
} from '../src/index.ts'

export const BASE = 0x8000_0000

/** Rights of a mapping as letters: `r`, `w`, `x`. */
export type Rights = string

/** Hand-made stage-2 tables: what the monitor does, written again here so that the walker is judged by another hand. */
export class RealmMemory {
  readonly root: Stage2Root
  readonly #memory: PhysicalMemory
  #next: number

  constructor(
    memory: PhysicalMemory,
    shape: { ipaBits?: number; startLevel?: number; lpa2?: boolean; firstGranule?: number } = {},
  ) {
    this.#memory = memory
    const { ipaBits = 39, startLevel = 1, lpa2 = false, firstGranule = 16 } = shape
    this.#next = firstGranule
    const tables = Math.max(1, 2 ** (ipaBits - (12 + 9 * (3 - startLevel)) - 9))
    const table = this.granule()
    for (let index = 1; index < tables; index++) this.granule()
    this.root = { table, startLevel, ipaBits, lpa2 }
  }

  /** A fresh granule in `pas`. */
  granule(pas: Pas = PAS.realm): number {
    const index = this.#next++
    this.#memory.setPas(index, pas)
    return this.#memory.base + index * GRANULE_SIZE
  }

  /** Maps a new page at `ipa` and gives its physical address. */
  page(ipa: number, rights: Rights, pas: Pas = PAS.realm): number {
    const address = this.granule(pas)
    this.map(ipa, address, rights, 3, pas === PAS.nonSecure)
    return address
  }

  map(ipa: number, address: number, rights: Rights, level = 3, nonSecure = false): void {
    const type = level === 3 ? DESCRIPTOR_TYPE.tableOrPage : DESCRIPTOR_TYPE.block
    const low = type | (rights.includes('r') ? S2AP_READ : 0) | (rights.includes('w') ? S2AP_WRITE : 0)
    const high = (rights.includes('x') ? 0 : S2_EXECUTE_NEVER_HIGH) | (nonSecure ? S2_NON_SECURE_HIGH : 0)
    this.#write(this.#entry(ipa, level), address, low, high)
  }

  unmap(ipa: number, level = 3): void {
    this.#write(this.#entry(ipa, level), 0, 0, 0)
  }

  /** The physical address of the table that maps `ipa` at `level`. */
  tableOf(ipa: number, level: number): number {
    const entry = this.#entry(ipa, level)
    return entry - (entry % GRANULE_SIZE)
  }

  #entry(ipa: number, level: number): number {
    let table = this.root.table
    for (let at = this.root.startLevel; ; at++) {
      const size = 4096 * 512 ** (3 - at)
      const index = Math.floor(ipa / size) % (at === this.root.startLevel ? Number.POSITIVE_INFINITY : 512)
      const entry = table + index * 8
      if (at === level) return entry
      const view = this.#memory.view
      if (view.getUint32(entry - this.#memory.base, true) % 4 === 0)
        this.#write(entry, this.granule(), DESCRIPTOR_TYPE.tableOrPage, 0)
      table = this.#address(view.getBigUint64(entry - this.#memory.base, true))
    }
  }

  /** The output address of a table descriptor, as the architecture's pseudocode has it. */
  #address(descriptor: bigint): number {
    if (!this.root.lpa2) return Number(descriptor & 0xffff_ffff_f000n)
    return Number((((descriptor >> 8n) & 3n) << 50n) | (descriptor & 0x3_ffff_ffff_f000n))
  }

  #write(entry: number, address: number, low: number, high: number): void {
    const [addressLow, addressHigh] = addressWords(address, this.root.lpa2)
    this.#memory.view.setUint32(entry - this.#memory.base, (addressLow | low) >>> 0, true)
    this.#memory.view.setUint32(entry - this.#memory.base + 4, (addressHigh | high) >>> 0, true)
    this.#memory.invalidateWalks()
  }
}
