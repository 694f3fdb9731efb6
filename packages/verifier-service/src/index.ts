export { digestOf } from './document.ts'
export { keysIn, newKeys, readStoreKey, type ServiceKeys } from './key-files.ts'
export type { FixedKnowledge } from './knowledge.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { LOG_LEVELS, type LogLevel, type LogSink } from './logs.ts'
export { TOKEN_LENGTH } from './operator.ts'
export { type RunningService, type ServiceOptions, startService } from './serve.ts'
export type { Address } from './server.ts'
export { newSigningKey, readSigningKey } from './signer.ts'
export { type EmbeddedOptions, openEmbedded } from './store/embedded.ts'
export { openPostgres, type PostgresOptions } from './store/postgres.ts'
export type { StoreOptions } from './store/sql-store.ts'
export {
  type Claimed,
  type EndorsementRecord,
  type EndorsementSnapshot,
  type SecretRecord,
  type Session,
  type SessionOutcome,
  type SessionState,
  type Store,
  StoreUnavailable,
} from './store/store.ts'
