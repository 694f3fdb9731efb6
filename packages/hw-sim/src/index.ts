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
export {
  DEFAULT_DRAM,
  Machine,
  type MachineOptions,
  SMC_UNKNOWN,
  type SmcHandler,
} from './machine.ts'
export type { Guest, GuestEntry, GuestExit, GuestFactory, GuestMaker, GuestStart, PeParts } from './pe/guest.ts'
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
  S2_EXECUTE_NEVER_HIGH,
  S2_NON_SECURE_HIGH,
  S2AP_READ,
  S2AP_WRITE,
  TABLE_ENTRIES,
} from './stage2/descriptor.ts'
export { type AccessKind, type Stage2Root, Stage2Walker, type WalkFault, type WalkResult } from './stage2/walk.ts'
export {
  type AbortSyndrome,
  abortSyndrome,
  EC,
  ESR_WFI,
  exceptionClass,
  FSC_GRANULE_PROTECTION,
  FSC_SYNC_EXTERNAL_ABORT,
} from './syndrome.ts'
export { mayAccess, PAS, type Pas, type World } from './world.ts'
