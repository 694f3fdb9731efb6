import type { FindingName } from '@mica/verifier'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

/** What an appraisal came to. `finding` is the deciding one. */
export interface AppraisalCount {
  readonly kind: 'token' | 'group' | 'key-release'
  readonly verdict: 'accepted' | 'rejected'
  readonly finding?: FindingName | undefined
}

/** What monitoring sees. Every label is of a fixed set: nothing that a client writes becomes one. */
export class Metrics {
  readonly registry: Registry = new Registry()
  readonly #requests = new Counter({
    name: 'mica_http_requests_total',
    help: 'Answers, by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  })
  readonly #requestSeconds = new Histogram({
    name: 'mica_http_request_seconds',
    help: 'Time from the end of the request headers to the answer.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers: [this.registry],
  })
  readonly #appraisals = new Counter({
    name: 'mica_appraisals_total',
    help: 'Appraisals, by verdict and deciding finding.',
    labelNames: ['kind', 'verdict', 'finding'],
    registers: [this.registry],
  })
  readonly #appraisalSeconds = new Histogram({
    name: 'mica_appraisal_seconds',
    help: 'Time that verification took, without the store.',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers: [this.registry],
  })
  readonly #storeErrors = new Counter({
    name: 'mica_store_errors_total',
    help: 'Requests that failed because the store did not answer.',
    registers: [this.registry],
  })

  /** @param openSessions Asked whenever the metrics are read; `undefined` when the store does not answer. */
  constructor(openSessions: () => Promise<number | undefined>) {
    const gauge = new Gauge({
      name: 'mica_sessions_open',
      help: 'Sessions whose time is not over, of all instances that share the store.',
      registers: [this.registry],
      async collect() {
        gauge.set((await openSessions()) ?? Number.NaN)
      },
    })
    collectDefaultMetrics({ register: this.registry })
  }

  request(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method: METHODS.includes(method) ? method : 'other', route, status })
    this.#requestSeconds.observe({ route }, seconds)
  }

  /** What never became a request has no route, and no time. */
  refusal(status: number): void {
    this.#requests.inc({ method: 'other', route: 'none', status })
  }

  appraisal({ kind, verdict, finding }: AppraisalCount, seconds: number): void {
    this.#appraisals.inc({ kind, verdict, finding: finding ?? 'none' })
    this.#appraisalSeconds.observe({ kind }, seconds)
  }

  storeError(): void {
    this.#storeErrors.inc()
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
