import type { FileReading } from '@mica/verifier'
import { keysIn, newKeys, readSigningKey, readStoreKey, type ServiceKeys, TOKEN_LENGTH } from '@mica/verifier-service'
import type { Arguments } from '../arguments.ts'
import { readText, reasonOf } from '../files.ts'
import { UsageError } from '../usage-error.ts'
import type { StorePlace } from './where.ts'

/** The environment variable that an operator token may be in. */
const TOKEN_VARIABLE = 'MICA_SERVICE_TOKEN'

/**
 * The keys of the service: from the files that were named, from the folder of its store, or, for one that keeps nothing,
 * fresh ones. Throws {@link UsageError} when one is missing that other instances have too, or cannot be used.
 */
export function keysFrom(given: Arguments, place: StorePlace): ServiceKeys {
  const [signing, store] = [given.text('signing-key'), given.text('store-key')]
  const named: Partial<ServiceKeys> = {
    ...(signing === undefined ? {} : { signingKey: usable(signing, readSigningKey(readText(signing, 'signing key'))) }),
    ...(store === undefined ? {} : { storeKey: usable(store, readStoreKey(readText(store, 'store key'))) }),
  }
  const { signingKey, storeKey } = named
  if (signingKey !== undefined && storeKey !== undefined) return { signingKey, storeKey }
  if (place.kind === 'postgres') {
    throw new UsageError(
      'instances that share a store share their keys: --signing-key and --store-key',
      'a service on --store embedded:DIR makes both, in DIR',
    )
  }
  return { ...(place.folder === undefined ? newKeys() : keysOf(place.folder)), ...named }
}

function keysOf(folder: string): ServiceKeys {
  try {
    return usable(folder, keysIn(folder))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`cannot keep keys in ${folder}: ${reasonOf(error)}`)
  }
}

function usable<T>(file: string, reading: FileReading<T>): T {
  if (reading.kind === 'read') return reading.value
  throw new UsageError(`${file}: ${reading.reason}`)
}

/** The token that operators show; `undefined` for none. Throws {@link UsageError} for one that is easily guessed. */
export function tokenFrom(given: Arguments, env: NodeJS.ProcessEnv): string | undefined {
  const file = given.text('token-file')
  const token = file === undefined ? env[TOKEN_VARIABLE] : readText(file, 'token').trim()
  if (token === undefined || (token === '' && file === undefined)) return undefined
  if (token.length >= TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token)) return token
  throw new UsageError(
    `an operator token has at least ${TOKEN_LENGTH} characters, and no blanks`,
    'openssl rand -hex 32 makes one',
  )
}
