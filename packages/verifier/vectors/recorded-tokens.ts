import { dirname, resolve } from 'node:path'
import { toHex } from '../src/bytes.ts'
import { verifyToken } from '../src/index.ts'
import { isRecord } from '../src/json.ts'
import { bytesOf, type Json, publicKeyOf, records, text } from './files.ts'
import { anchorFor, hexBytes } from './judge-token.ts'
import type { Outcome } from './vector.ts'

/**
 * Checks tokens recorded from a real monitor: `{ platform_key: { pem_file }, tokens: [{ file, challenge, rim, rem, rpv,
 * hash_algo }] }`. Each has to be accepted, with the measurements that were recorded beside it.
 */
export function checkRecordedTokens(file: string, json: Json, label: (path: string) => string): readonly Outcome[] {
  const platformKey = isRecord(json['platform_key']) ? json['platform_key'] : {}
  const key = publicKeyOf(resolve(dirname(file), text(platformKey, 'pem_file') ?? ''))
  return records(json['tokens']).map((recorded) => {
    const path = resolve(dirname(file), text(recorded, 'file') ?? '')
    const name = label(path)
    const evidence = bytesOf(path)
    if (evidence === undefined || key === undefined) return { name, passed: false, detail: 'a file is missing' }
    const verdict = verifyToken(evidence, {
      trustAnchors: anchorFor(evidence, key),
      challenge: hexBytes(text(recorded, 'challenge')),
      expectations: {},
    })
    if (verdict.kind === 'rejected') return { name, passed: false, detail: verdict.findings[0]?.detail }
    const { rim, rems, rpv, hashAlgorithm } = verdict.claims.realm
    const found = { rim: toHex(rim), rem: rems.map(toHex), rpv: toHex(rpv), hash_algo: hashAlgorithm }
    const wrong = Object.entries(found).find(([member, value]) => String(recorded[member]) !== String(value))
    if (wrong === undefined) return { name, passed: true }
    return { name, passed: false, detail: `${wrong[0]}: expected ${recorded[wrong[0]]}, found ${wrong[1]}` }
  })
}
