import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from '../cbor/utf8.ts'
import { POLY_NAME_BYTES } from './layout.ts'

/**
 * The name of at most four bytes that stands for a name in `POLY` v1.
 *
 * It depends on the name alone, so that every policy that mentions it, and every later version of the workflow, has
 * the same: a name that fits is kept, of another the first two letters are, followed by two digits (base 36) of its
 * SHA-256. Two names may get one short name; whoever writes them has to look.
 */
export function shortName(name: string): string {
  const bytes = encodeUtf8(name) ?? new Uint8Array()
  if (bytes.length <= POLY_NAME_BYTES) return name
  const letters = name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 2)
  const digest = sha256(bytes)
  const digits = ((digest[0]! * 256 + digest[1]!) % 36 ** 2).toString(36).padStart(2, '0')
  return letters + digits
}
