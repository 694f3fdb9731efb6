/** What this machine's PEs offer to Realms: the identification registers that RMI_FEATURES summarizes. */
export interface Platform {
  /** Widest IPA space in bits. */
  readonly ipaBits: number
  readonly lpa2: boolean
  /** Longest SVE vector, as quadwords minus one; absent without SVE. */
  readonly sveVectorLength?: number | undefined
  /** Breakpoints and watchpoints, each minus one. */
  readonly breakpoints: number
  readonly watchpoints: number
  readonly pmuCounters: number
  /** Interrupt controller list registers. */
  readonly listRegisters: number
  /** Implemented virtual priority bits. */
  readonly priorityBits: number
  /** At most 2 to this power RECs in a Realm. */
  readonly maxRecsOrder: number
}

/** The platform that the recorded firmware ran on. */
export const DEFAULT_PLATFORM: Platform = {
  ipaBits: 48,
  lpa2: true,
  breakpoints: 1,
  watchpoints: 1,
  pmuCounters: 31,
  listRegisters: 1,
  priorityBits: 5,
  maxRecsOrder: 10,
}

/** RmiFeatureRegister0 (DEN0137 B4.4.7): 42 bits, so a number holds it exactly. */
export function featureRegister0(platform: Platform): number {
  const fields: readonly (readonly [position: number, value: number])[] = [
    [0, platform.ipaBits],
    [8, platform.lpa2 ? 1 : 0],
    [9, platform.sveVectorLength === undefined ? 0 : 1],
    [10, platform.sveVectorLength ?? 0],
    [14, platform.breakpoints],
    [20, platform.watchpoints],
    [26, platform.pmuCounters > 0 ? 1 : 0],
    [27, platform.pmuCounters],
    [32, 1],
    [33, 1],
    [34, platform.listRegisters - 1],
    [38, platform.maxRecsOrder],
  ]
  return fields.reduce((register, [position, value]) => register + value * 2 ** position, 0)
}
