import { createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EcJwk } from '../src/index.ts'
import { isRecord, parseJson } from '../src/json.ts'

/** A JSON object whose members are yet to be looked at. */
export type Json = Readonly<Record<string, unknown>>

/** Files larger than this are no vectors and no expectations. */
const SIZE_LIMIT = 4 * 1024 * 1024

/** Every file below a folder, by path. @throws if the folder cannot be read. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** The bytes of a file; `undefined` when it cannot be read or is too large. */
export function bytesOf(path: string): Uint8Array | undefined {
  try {
    const bytes = new Uint8Array(readFileSync(path))
    return bytes.length <= SIZE_LIMIT ? bytes : undefined
  } catch {
    return undefined
  }
}

/** The text of a file; `undefined` when it cannot be read. */
export function textOf(path: string): string | undefined {
  const bytes = bytesOf(path)
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

/** The JSON object that a file holds; `undefined` for anything else. */
export function jsonOf(path: string): Json | undefined {
  const json = parseJson(textOf(path) ?? '')
  return isRecord(json) ? json : undefined
}

/** The objects of a list; none when it is no list. */
export const records = (list: unknown): readonly Json[] => (Array.isArray(list) ? list.filter(isRecord) : [])

/** A member that is text. */
export function text(json: Json, name: string): string | undefined {
  const value = json[name]
  return typeof value === 'string' ? value : undefined
}

/** The public key in a file, which is a JWK or PEM; `undefined` for anything else. */
export function publicKeyOf(path: string): EcJwk | undefined {
  const contents = textOf(path) ?? ''
  const jwk = parseJson(contents)
  try {
    const key = isRecord(jwk) ? createPublicKey({ key: jwk, format: 'jwk' }) : createPublicKey(contents)
    const { crv, x, y } = key.export({ format: 'jwk' })
    if (crv === undefined || x === undefined || y === undefined) return undefined
    return { kty: 'EC', crv, x, y }
  } catch {
    return undefined
  }
}
