import type { EndorsementSigners } from '@mica/verifier'
import type { AppraisalOptions } from './appraisal.ts'
import type { ClientRate } from './client-rate.ts'
import type { Knowledge } from './knowledge.ts'
import type { Budget, Gate, Limits } from './limits.ts'
import type { Logger } from './logs.ts'
import type { Metrics } from './metrics.ts'
import type { Operator } from './operator.ts'
import type { Signer } from './signer.ts'
import type { Store } from './store/store.ts'
import type { StoreKey } from './store-key.ts'

/** One instance of the service: everything that its routes work with. */
export interface Service {
  readonly store: Store
  readonly storeKey: StoreKey
  readonly knowledge: Knowledge
  readonly signer: Signer
  readonly operator: Operator
  /** Who may sign the manifests that operators provision. */
  readonly signers?: EndorsementSigners | undefined
  readonly appraisal: AppraisalOptions
  readonly limits: Limits
  readonly appraisals: Gate
  /** What bodies take that are being read. */
  readonly bodies: Budget
  readonly clients: ClientRate
  readonly metrics: Metrics
  readonly log: Logger
  /** Whether the service has begun to stop: what is under way is finished, and nothing more is taken. */
  isStopping(): boolean
}
