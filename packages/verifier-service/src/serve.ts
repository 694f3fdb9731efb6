import {
  defaultSignatures,
  type EcPrivateJwk,
  type EndorsementSigners,
  rememberSignatures,
  type VerificationOptions,
  type VerifierId,
} from '@mica/verifier'
import { createApp } from './app.ts'
import { ClientRate } from './client-rate.ts'
import { type FixedKnowledge, Knowledge } from './knowledge.ts'
import { Budget, DEFAULT_LIMITS, Gate, type Limits } from './limits.ts'
import { type LogLevel, type LogSink, openLog } from './logs.ts'
import { Metrics } from './metrics.ts'
import { Operator } from './operator.ts'
import { type Address, listen } from './server.ts'
import type { Service } from './service.ts'
import { type Store, StoreUnavailable } from './store/store.ts'
import { StoreKey } from './store-key.ts'
import { VERSION } from './version.ts'

/** What an instance of the service is started with. */
export interface ServiceOptions extends Address, Pick<VerificationOptions<unknown>, 'compat' | 'pairing'> {
  /** Open; it is the service's from here on, and closed when the service stops. */
  readonly store: Store
  /** 32 bytes; the same for all instances that share a store, as is the signing key. */
  readonly storeKey: Uint8Array
  readonly signingKey: EcPrivateJwk
  /** What is believed and expected whatever the store says. */
  readonly fixed: FixedKnowledge
  /** What operators show. Absent: nothing can be provisioned. */
  readonly token?: string | undefined
  /** Who may sign the manifests that are provisioned. */
  readonly signers?: EndorsementSigners | undefined
  readonly limits?: Partial<Limits> | undefined
  /** Who results say has appraised. */
  readonly verifier?: VerifierId | undefined
  readonly logLevel: LogLevel
  readonly logs: LogSink
}

/** A service that listens. */
export interface RunningService {
  /** `http://host:port`. */
  readonly url: string
  /** Stops: takes no more requests, finishes those under way, and closes the store. */
  close(): Promise<void>
}

/** Starts an instance. Rejects when the address cannot be had, with the store closed. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { store, fixed, signers, compat, pairing } = options
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const log = openLog(options.logLevel, options.logs)
  const storeKey = new StoreKey(options.storeKey)
  let isStopping = false
  const service: Service = {
    store,
    storeKey,
    knowledge: new Knowledge({
      fixed,
      store,
      storeKey,
      signers,
      maxAgeMs: limits.endorsementsAgeMs,
      onPassedOver: (document, reason) => log.warn({ document, reason }, 'document passed over'),
    }),
    signer: { key: options.signingKey, verifier: options.verifier ?? { developer: 'Mica', build: VERSION } },
    operator: new Operator(options.token),
    signers,
    appraisal: { compat, pairing, signatures: rememberSignatures(defaultSignatures) },
    limits,
    appraisals: new Gate(limits.appraisals),
    bodies: new Budget(limits.bodyBytes),
    clients: new ClientRate(limits.sessionsPerClientPerSecond),
    metrics: new Metrics(() => countOpen(store)),
    log,
    isStopping: () => isStopping,
  }
  try {
    const { url, stop } = await listen(createApp(service).fetch, options, limits, (id, status) => {
      service.metrics.refusal(status)
      log.info({ id, status }, 'refused')
    })
    const provisioning = options.token === undefined ? 'closed' : 'open'
    log.info({ url, provisioning, trustAnchors: fixed.trustAnchors.length }, 'listening')
    const close = async (): Promise<void> => {
      isStopping = true
      log.info('stopping')
      await stop(limits.stopTimeoutMs)
      await store.close()
      log.info('stopped')
    }
    let closing: Promise<void> | undefined
    return {
      url,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function countOpen(store: Store): Promise<number | undefined> {
  try {
    return await store.countSessions(Date.now())
  } catch (error) {
    if (error instanceof StoreUnavailable) return undefined
    throw error
  }
}
