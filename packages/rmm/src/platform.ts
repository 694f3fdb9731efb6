import { type IdentificationRegisters, registerField } from '@mica/hw-sim'

/**
 * What a machine's PEs offer to Realms, and what its monitor checks requests against. Made by {@link platformOf} from
 * the identification registers of the machine, once, at boot; to have another platform, make another machine.
 */
export interface Platform {
  /** Width of a physical address, and of the widest IPA space, in bits. */
  readonly ipaBits: number
  /** Whether both stages of translation have 52-bit addresses with 4 KiB granules (FEAT_LPA2). */
  readonly lpa2: boolean
  /** Width of a VMID in bits: 8 or 16. */
  readonly vmidBits: number
  /** Longest SVE vector, as quadwords minus one; absent without SVE. */
  readonly sveVectorLength?: number | undefined
  /** Breakpoints and watchpoints, each minus one. */
  readonly breakpoints: number
  readonly watchpoints: number
  /** Whether there are performance monitors that a Realm can have: PMUv3p7 or later. */
  readonly pmu: boolean
  readonly pmuCounters: number
  /** Whether a Realm may have performance monitors without an event counter (FEAT_HPMN0). */
  readonly hpmn0: boolean
  /** Interrupt controller list registers. */
  readonly listRegisters: number
  /** Implemented virtual priority bits. */
  readonly priorityBits: number
  /** Width of virtual interrupt numbers: 16 or 24. */
  readonly intidBits: number
  /** Whether there are extended interrupt numbers. */
  readonly extendedIntids: boolean
  /** A Realm has fewer RECs than 2 to this power. */
  readonly maxRecsOrder: number
}

/** Widths that ID_AA64MMFR0_EL1.PARange stands for. */
const PHYSICAL_ADDRESS_BITS = [32, 36, 40, 42, 44, 48, 52] as const

/** ID_AA64MMFR0_EL1.TGran4 and TGran4_2. */
const TGRAN4_LPA2 = 1
const TGRAN4_2 = { asStage1: 0, lpa2: 3 } as const

/** ID_AA64MMFR1_EL1.VMIDBits. */
const VMID_16_BITS = 2

/** ID_AA64DFR0_EL1.PMUVer: the first version that Realms are given, and one that is not Arm's. */
const PMU_V3P7 = 7
const PMU_IMPLEMENTATION_DEFINED = 15

/** ID_AA64DFR0_EL1.BRPs and WRPs when the count is in ID_AA64DFR1_EL1. */
const SIXTEEN_OR_MORE = 15

/** References to a Realm descriptor are counted in ten bits, one for each REC. */
const MAX_RECS_ORDER = 10

/** The platform that identification registers describe, read as the recorded firmware reads them. */
export function platformOf(registers: IdentificationRegisters): Platform {
  const mmfr0 = registers.ID_AA64MMFR0_EL1
  const dfr0 = registers.ID_AA64DFR0_EL1
  const dfr1 = registers.ID_AA64DFR1_EL1
  const pmuVersion = registerField(dfr0, 8, 4)
  const pmu = pmuVersion >= PMU_V3P7 && pmuVersion !== PMU_IMPLEMENTATION_DEFINED
  const hasSve = registerField(registers.ID_AA64PFR0_EL1, 32, 4) !== 0
  return {
    ipaBits: PHYSICAL_ADDRESS_BITS[registerField(mmfr0, 0, 4)] ?? PHYSICAL_ADDRESS_BITS[0],
    lpa2: hasLpa2(mmfr0),
    vmidBits: registerField(registers.ID_AA64MMFR1_EL1, 4, 4) === VMID_16_BITS ? 16 : 8,
    sveVectorLength: hasSve ? registerField(registers.ZCR_EL2, 0, 4) : undefined,
    breakpoints: comparators(registerField(dfr0, 12, 4), registerField(dfr1, 8, 8)),
    watchpoints: comparators(registerField(dfr0, 20, 4), registerField(dfr1, 16, 8)),
    pmu,
    pmuCounters: pmu ? registerField(registers.PMCR_EL0, 11, 5) : 0,
    hpmn0: registerField(dfr0, 60, 4) === 1,
    listRegisters: registerField(registers.ICH_VTR_EL2, 0, 5) + 1,
    priorityBits: registerField(registers.ICH_VTR_EL2, 29, 3) + 1,
    intidBits: registerField(registers.ICH_VTR_EL2, 23, 3) === 0 ? 16 : 24,
    extendedIntids: registerField(registers.ICC_CTLR_EL1, 19, 1) === 1,
    maxRecsOrder: MAX_RECS_ORDER,
  }
}

function hasLpa2(mmfr0: bigint): boolean {
  if (registerField(mmfr0, 28, 4) !== TGRAN4_LPA2) return false
  const stage2 = registerField(mmfr0, 40, 4)
  return stage2 === TGRAN4_2.lpa2 || stage2 === TGRAN4_2.asStage1
}

/** Breakpoints or watchpoints minus one, from the four bits of the first register and the eight of the second. */
function comparators(few: number, many: number): number {
  return few === SIXTEEN_OR_MORE && many !== 0 ? many : few
}

/** How many RECs a Realm has at most. */
export function maxRecs(platform: Platform): number {
  return 2 ** platform.maxRecsOrder - 1
}

/** A field of RmiFeatureRegister0: position, width, value. */
type FeatureField = readonly [position: number, width: number, value: number]

/** RmiFeatureRegister0 (DEN0137 B4.4.7): 42 bits, so a number holds it exactly. */
export function featureRegister0(platform: Platform): number {
  const fields: readonly FeatureField[] = [
    [0, 8, platform.ipaBits],
    [8, 1, Number(platform.lpa2)],
    [9, 1, Number(platform.sveVectorLength !== undefined)],
    [10, 4, platform.sveVectorLength ?? 0],
    [14, 6, platform.breakpoints],
    [20, 6, platform.watchpoints],
    [26, 1, Number(platform.pmu)],
    [27, 5, platform.pmuCounters],
    [32, 1, 1],
    [33, 1, 1],
    [34, 4, platform.listRegisters - 1],
    [38, 4, platform.maxRecsOrder],
  ]
  return fields.reduce((register, [position, width, value]) => register + (value % 2 ** width) * 2 ** position, 0)
}
