import type { Hono } from 'hono'
import { answer, type Env } from '../http.ts'
import type { Service } from '../service.ts'

/** What load balancers and monitoring ask. */
export function addHealth(app: Hono<Env>, { store, metrics }: Service): void {
  app.get('/health/live', () => answer('application/json', 200, { status: 'live' }))
  app.get('/health/ready', async () => {
    await store.ping()
    return answer('application/json', 200, { status: 'ready' })
  })
  app.get('/metrics', async () => {
    return new Response(await metrics.registry.metrics(), { headers: { 'Content-Type': metrics.registry.contentType } })
  })
}
