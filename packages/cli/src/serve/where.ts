import { type Address, openEmbedded, openPostgres, type Store, StoreUnavailable } from '@mica/verifier-service'
import { reasonOf } from '../files.ts'
import { UsageError } from '../usage-error.ts'

/** The address that `HOST:PORT` says. Throws {@link UsageError} for anything else. */
export function addressFrom(text: string): Address {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? []
  const [host, port] = [ipv6 ?? name, Number(digits)]
  if (host !== undefined && port <= 65_535) return { host, port }
  throw new UsageError(`--listen \`${text}\` is no HOST:PORT`, 'for example 127.0.0.1:8080, or [::]:8080')
}

/** Where a service keeps what it knows: in this process, with a folder or without one, or in a database. */
export type StorePlace =
  | { readonly kind: 'embedded'; readonly folder?: string | undefined }
  | { readonly kind: 'postgres'; readonly url: string }

/** The store that `embedded`, `embedded:DIR` or a URL says. Throws {@link UsageError} for anything else. */
export function storePlaceFrom(text: string): StorePlace {
  if (text === 'embedded') return { kind: 'embedded' }
  if (/^embedded:./.test(text)) return { kind: 'embedded', folder: text.slice('embedded:'.length) }
  if (/^postgres(ql)?:\/\/./.test(text)) return { kind: 'postgres', url: text }
  throw new UsageError('there is no such --store', 'it is embedded, embedded:DIR, or postgresql://HOST/DATABASE')
}

/** Opens a store. Throws {@link UsageError} when it cannot be opened. */
export async function openStore(place: StorePlace): Promise<Store> {
  try {
    if (place.kind === 'postgres') return await openPostgres(place.url)
    return await openEmbedded(place.folder === undefined ? {} : { folder: place.folder })
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    throw new UsageError(`the store cannot be opened: ${error.message}`)
  }
}

/** What stood in the way of listening, as an error for whoever chose the address; a mistake of ours stays what it is. */
export function unusableAddress(error: unknown, text: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') return new UsageError(`${text} is in use`, 'port 0 takes any that is free')
  if (['EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)) {
    return new UsageError(`cannot listen on ${text}: ${code === 'EACCES' ? reasonOf(error) : 'no such address here'}`)
  }
  return error
}
