/**
 * A recorded run of real firmware: the calls of a host, and all that could be seen of their effects. The README beside
 * the recordings explains every member.
 */
export interface Recording {
  readonly name: string
  /** Identification registers in which the platform differs from the usual one, by name. */
  readonly platform_cfg: Readonly<Record<string, string>>
  readonly n_calls?: number
  readonly calls: readonly RecordedCall[]
}

export interface RecordedCall {
  readonly i: number
  readonly name: string
  readonly fid: string
  /** What happened to memory since the call before. */
  readonly mem?: readonly MemoryEvent[]
  readonly args: readonly string[]
  readonly ret: readonly string[]
  readonly status?: string
  readonly index?: number
  readonly granules?: readonly { readonly addr: string; readonly state: string }[]
  readonly realms?: Readonly<Record<string, RecordedRealm | null>>
  /** What the guest is to do, one action a line. */
  readonly realm_program?: readonly string[]
  /** How many actions it did not get to. */
  readonly realm_program_unused?: number
  readonly realm?: readonly RecordedEntry[]
  readonly exit?: Readonly<Record<string, string | readonly string[]>>
  readonly readback?: Readback
  readonly note?: string
}

export interface MemoryEvent {
  readonly addr: string
  readonly size?: number
  readonly chunks?: readonly Chunk[]
  readonly fill?: number
  readonly pas_fault?: boolean
}

/** Bytes at an offset; what lies between chunks is zero. */
export type Chunk = readonly [offset: string, hex: string]

export interface RecordedRealm {
  readonly state?: string
  readonly rim?: string
  readonly rem?: readonly string[]
}

/** Memory read after a call: the bytes in `hex`, or a granule by its fill byte or its chunks. */
export interface Readback {
  readonly addr: string
  /** Bytes; a granule if nothing else is said. */
  readonly size?: number
  readonly hex?: string
  readonly all_zero?: boolean
  readonly matches?: boolean
  readonly fill?: number
  readonly chunks?: readonly Chunk[]
}

/** One entry into the recorded guest, and what it did until it left again. */
export interface RecordedEntry {
  readonly pc: string
  readonly in: readonly string[]
  readonly esr_el1?: string
  readonly far_el1?: string
  readonly elr_el1?: string
  readonly hcr?: string
  readonly during?: readonly RecordedEvent[]
  readonly act: string
  readonly out?: readonly string[]
}

/** What happened while the guest ran, one member each. */
export interface RecordedEvent {
  readonly other_pe_rmi?: {
    readonly fid: string
    readonly args: readonly string[]
    /** x0 to x4 of the other PE; `null` where the monitor wrote nothing. */
    readonly x: readonly (string | null)[]
  }
}
