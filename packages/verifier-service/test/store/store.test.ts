import { afterAll, beforeAll, describe } from 'vitest'
import { openEmbedded, openPostgres } from '../../src/index.ts'
import { PostgresServer, postgresAbsent, skipPostgres } from '../support/postgres-server.ts'
import { storeSuite } from './store-suite.ts'

describe('the embedded store', () => {
  storeSuite(async () => {
    const store = await openEmbedded({ sweepEveryMs: 0 })
    return [store, store]
  })
})

describe.skipIf(skipPostgres)(`the store on PostgreSQL${postgresAbsent ? ` (${postgresAbsent})` : ''}`, () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await PostgresServer.start(['fsync=off'])
  })
  afterAll(() => server?.remove())

  storeSuite(async () => {
    const url = server.url()
    return await Promise.all([openPostgres(url, { sweepEveryMs: 0 }), openPostgres(url, { sweepEveryMs: 0 })])
  })
})
