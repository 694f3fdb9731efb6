/** One instance of the service as a process of its own: is sent an {@link InstanceOptions}, sends the URL of the service. */

import { type ServiceOptions, startService } from '../../src/serve.ts'
import { openPostgres, type PostgresOptions } from '../../src/store/postgres.ts'

/** What a process needs to be an instance. */
export interface InstanceOptions
  extends Pick<ServiceOptions, 'port' | 'storeKey' | 'signingKey' | 'fixed' | 'limits' | 'token'> {
  /** Address of a PostgreSQL, or folder of an embedded store; absent: in memory. */
  readonly postgres?: string
  readonly folder?: string
  readonly storeOptions?: PostgresOptions
}

process.once('disconnect', () => process.exit())
process.once('message', async (message) => {
  const { postgres, folder, storeOptions, ...options } = message as InstanceOptions
  const embedded = async () => (await import('../../src/store/embedded.ts')).openEmbedded
  const store =
    postgres !== undefined
      ? await openPostgres(postgres, storeOptions)
      : await (await embedded())({ ...storeOptions, ...(folder !== undefined && { folder }) })
  const service = await startService({
    ...options,
    host: '127.0.0.1',
    store,
    logLevel: 'silent',
    logs: { write: () => {} },
  })
  process.send!(service.url)
})
