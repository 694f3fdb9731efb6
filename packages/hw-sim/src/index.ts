export {
  addOffset,
  formatAddress,
  GRANULE_SIZE,
  type GranuleIndex,
  granuleBase,
  granuleOffset,
  type Ipa,
  ipaOf,
  isAligned,
  type PhysicalAddress,
  physicalAddressOf,
  toIpa,
  toPhysicalAddress,
} from './address.ts'
export { EventLog, type EventSink, type EventValue, type MachineEvent } from './event.ts'
export { Firmware } from './firmware.ts'
export { ICH_HCR, INTID_NONE, LIST_REGISTER } from './gic.ts'
export {
  DEFAULT_IDENTIFICATION,
  type IdentificationRegisters,
  registerField,
} from './identification-registers.ts'
export {
  DEFAULT_DRAM,
  Machine,
  type MachineOptions,
  SMC_UNKNOWN,
  type SmcHandler,
} from './machine.ts'
export type { Guest, GuestExit, GuestFactory, GuestMaker, GuestStart, PeParts } from './pe/guest.ts'
export { DEFAULT_QUANTUM } from './pe/quantum.ts'
export { type Instruction, type ScriptedCpu, type ScriptedProgram, scriptedGuests } from './pe/scripted.ts'
export { type MemoryBuffers, PhysicalMemory } from './physical-memory.ts'
export { createRegisters, formatRegister, GENERAL_REGISTER_COUNT, type GeneralRegisters } from './registers.ts'
export { RootOfTrust } from './root-of-trust.ts'
export {
  DEFAULT_MONITOR_VERSION,
  type PlatformIdentity,
  SIMULATED_ROOT_OF_TRUST,
  type SoftwareComponent,
} from './simulated-root-of-trust.ts'
export {
  addressWords,
  DESCRIPTOR_SIZE,
  DESCRIPTOR_TYPE,
  entrySize,
  outputAddress,
  outputBits,
  S2_EXECUTE_NEVER_HIGH,
  S2_INNER_SHAREABLE,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
  TABLE_ENTRIES,
} from './stage2/descriptor.ts'
export { type AccessKind, type Stage2Root, Stage2Walker, type WalkFault, type WalkResult } from './stage2/walk.ts'
export {
  EC,
  esrOf,
  exceptionClass,
  FSC_GRANULE_PROTECTION,
  FSC_SYNC_EXTERNAL_ABORT,
  ISS_ISV,
  ISS_WNR,
  SMC_SYNDROME,
  type Syndrome,
  syndromeOf,
  TRANSFER_REGISTER,
} from './syndrome.ts'
export {
  CNTHCTL_CNTPMASK,
  CNTHCTL_CNTVMASK,
  createSystemRegisters,
  HCR_TWE,
  HCR_TWI,
  HCR_VSE,
  INSTRUCTION_SIZE,
  LIST_REGISTER_COUNT,
  MDCR_TPM,
  PSTATE_EL1H_MASKED,
  SYSREG,
  type SystemRegister,
  type SystemRegisters,
  TIMER_ENABLE,
  TIMER_IMASK,
  TIMER_ISTATUS,
} from './system-registers.ts'
export { mayAccess, PAS, type Pas, type World } from './world.ts'
