import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { routePath } from 'hono/route'
import { type Env, ID_HEADER, refuse } from './http.ts'
import { internal, storeDown, unknownPath, wrongMethod } from './problem.ts'
import { addChallengeResponse } from './routes/challenge-response.ts'
import { addDiscovery } from './routes/discovery.ts'
import { addHealth } from './routes/health.ts'
import { addKeyRelease } from './routes/key-release.ts'
import { addProvisioning } from './routes/provisioning.ts'
import { addSecrets } from './routes/secrets.ts'
import type { Service } from './service.ts'
import { StoreUnavailable } from './store/store.ts'

/** The routes of the service, and what holds for every answer: an id, a line in the log, a problem for every failure. */
export function createApp(service: Service): Hono<Env> {
  const { metrics, log } = service
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    const id = randomUUID()
    c.set('id', id)
    const started = performance.now()
    await next()
    const [route, seconds] = [routePath(c, -1), (performance.now() - started) / 1000]
    c.res.headers.set(ID_HEADER, id)
    c.res.headers.set('Cache-Control', 'no-store')
    c.res.headers.set('X-Content-Type-Options', 'nosniff')
    // A connection that is kept open would keep a service from stopping.
    if (service.isStopping()) c.res.headers.set('Connection', 'close')
    metrics.request(c.req.method, route, c.res.status, seconds)
    const line = { id, method: c.req.method, route, status: c.res.status, ms: Math.round(seconds * 1e6) / 1000 }
    log[route.startsWith('/health') || route === '/metrics' ? 'debug' : 'info'](line, 'request')
  })
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => refuse(c, wrongMethod(methods)) }))
  addDiscovery(app, service)
  addChallengeResponse(app, service)
  addProvisioning(app, service)
  addSecrets(app, service)
  addKeyRelease(app, service)
  addHealth(app, service)
  app.notFound((c) => refuse(c, unknownPath()))
  app.onError((error, c) => {
    const id = c.get('id')
    if (error instanceof StoreUnavailable) {
      metrics.storeError()
      log.error({ id, reason: error.message }, 'store unavailable')
      return refuse(c, storeDown())
    }
    log.error({ id, err: error }, 'mistake')
    return refuse(c, internal())
  })
  return app
}
