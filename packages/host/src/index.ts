export { GranulePool } from './granule-pool.ts'
export { describeRefusal, HostError, NormalWorld, type RmiResult } from './normal-world.ts'
export { type BuiltRealm, RealmBuilder, type RealmPlan } from './realm-builder.ts'
export { tearDownRealm, undelegate } from './realm-teardown.ts'
export { Scheduler } from './scheduler.ts'
export {
  createSharedRegion,
  createUnprotectedWindow,
  type SharedRegion,
  type UnprotectedWindow,
  windowGranule,
} from './shared-region.ts'
export { type TranslationTable, TranslationTables } from './translation-tables.ts'
export type { Vcpu, VcpuState } from './vcpu.ts'
export { TIMER_INTIDS, VirtualInterrupts } from './virtual-interrupts.ts'
export { Witness } from './witness.ts'
