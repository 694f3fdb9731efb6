import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EcPrivateJwk, FileReading } from '@mica/verifier'
import { newSigningKey, readSigningKey } from './signer.ts'
import { STORE_KEY_LENGTH } from './store-key.ts'

/** The two keys of a service. */
export interface ServiceKeys {
  readonly signingKey: EcPrivateJwk
  readonly storeKey: Uint8Array
}

const SIGNING_KEY_FILE = 'signing-key.json'
const STORE_KEY_FILE = 'store-key'

/** Keys that nobody else has, for a service that keeps nothing. */
export const newKeys = (): ServiceKeys => ({
  signingKey: newSigningKey(),
  storeKey: new Uint8Array(randomBytes(STORE_KEY_LENGTH)),
})

/** The keys that lie in a folder; those that are missing are made, and only their owner may read them. */
export function keysIn(folder: string): FileReading<ServiceKeys> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fresh = newKeys()
  const signing = readSigningKey(kept(join(folder, SIGNING_KEY_FILE), `${JSON.stringify(fresh.signingKey)}\n`))
  if (signing.kind === 'refused') return { kind: 'refused', reason: `${SIGNING_KEY_FILE}: ${signing.reason}` }
  const storeKey = readStoreKey(kept(join(folder, STORE_KEY_FILE), `${Buffer.from(fresh.storeKey).toString('hex')}\n`))
  if (storeKey.kind === 'refused') return { kind: 'refused', reason: `${STORE_KEY_FILE}: ${storeKey.reason}` }
  return { kind: 'read', value: { signingKey: signing.value, storeKey: storeKey.value } }
}

function kept(file: string, text: string): string {
  // Exclusive, so that of two instances that start at once only one makes it.
  if (!existsSync(file)) writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  return readFileSync(file, 'utf8')
}

/** Reads a store key: 64 hexadecimal digits. */
export function readStoreKey(text: string): FileReading<Uint8Array> {
  const digits = text.trim()
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) return { kind: 'refused', reason: 'a store key is 64 hexadecimal digits' }
  return { kind: 'read', value: new Uint8Array(Buffer.from(digits, 'hex')) }
}
