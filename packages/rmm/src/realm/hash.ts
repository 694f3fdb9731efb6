import { hash } from 'node:crypto'
import type { Hash } from '../abi/index.ts'

/**
 * The hash functions of Realms, as the platform's own code has them: measuring content is most of what building a Realm
 * costs. The results are copies of their own.
 */
export const sha256: Hash = (bytes) => Uint8Array.from(hash('sha256', bytes, 'buffer'))
export const sha512: Hash = (bytes) => Uint8Array.from(hash('sha512', bytes, 'buffer'))
