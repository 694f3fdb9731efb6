import { dirname, resolve } from 'node:path'
import { bytesOf, type Json, publicKeyOf, records, text } from './files.ts'
import { hexBytes, judgeToken } from './judge-token.ts'
import { findingsAt } from './stages.ts'
import { compare, type Outcome } from './vector.ts'

/** The platform key of a token that says nothing of it, seen from its folder. */
export const USUAL_KEY = 'keys/cpak-p384.jwk.json'

/**
 * Checks tokens of single Realms: `{ nonce_hex, implementation_id, instance_id, vectors: [{ file, verdict: "accept" |
 * "reject", stage }] }`. A vector may have its own `nonce_hex`, ids, and `cpak` (a key file).
 */
export function checkSingleTokens(file: string, json: Json, label: (path: string) => string): readonly Outcome[] {
  return records(json['vectors']).map((vector) => {
    const own = { ...json, ...vector }
    const path = resolve(dirname(file), text(vector, 'file') ?? '')
    const name = label(path)
    const evidence = bytesOf(path)
    if (evidence === undefined) return { name, passed: false, detail: 'the file is missing' }
    const key = publicKeyOf(resolve(dirname(file), text(own, 'cpak') ?? USUAL_KEY))
    if (key === undefined) return { name, passed: false, detail: 'its key is missing' }
    const [implementationId, instanceId] = ['implementation_id', 'instance_id'].map((id) => hexBytes(text(own, id)))
    const { found } = judgeToken({
      evidence,
      trustAnchors: [{ name: 'vector', implementationId: implementationId!, instanceId: instanceId!, key }],
      challenge: hexBytes(text(own, 'nonce_hex')),
    })
    const stage = text(vector, 'stage') ?? ''
    return compare(name, text(vector, 'verdict') === 'accept' ? ['accepted'] : findingsAt(stage), found)
  })
}
