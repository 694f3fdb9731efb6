import { decode as cbor2Decode, Tag } from 'cbor2'
import { decode as cborgDecode } from 'cborg'
import { expect, test } from 'vitest'
import { decodeToken } from '../../src/cca-token/decode.ts'
import { TOKEN_SIZE_LIMIT } from '../../src/cca-token/envelope.ts'
import { readOwn } from '../published-vectors.ts'

const accepted = ['pos-01-draft04-resigned-2026.cbor', 'pos-03-399-2023-2023.cbor', 'tf-rmm-token-sha256.cbor']

/** The payloads of both halves, as two other CBOR decoders find them. */
function oracle(evidence: Uint8Array, decode: (bytes: Uint8Array) => unknown): unknown[] {
  const collection = untagged(decode(evidence)) as Map<number, unknown>
  return [44234, 44241].map((label) => {
    const member = collection.get(label)
    const sign1 = untagged(decode((Array.isArray(member) ? member[1] : member) as Uint8Array)) as Uint8Array[]
    return decode(sign1[2]!)
  })
}

const untagged = (value: unknown): unknown => (value instanceof Tag ? value.contents : value)

const byCbor2 = (bytes: Uint8Array): unknown => cbor2Decode(bytes, { preferMap: true })
const tags = Object.fromEntries([18, 399, 907].map((tag) => [tag, (content: () => unknown) => content()]))
const byCborg = (bytes: Uint8Array): unknown => cborgDecode(bytes, { useMaps: true, tags })

test.each(accepted)('%s holds the claims that two other decoders find in it', (file) => {
  const evidence = readOwn(file)
  const token = decodeToken(evidence, TOKEN_SIZE_LIMIT)
  const claims = 'platform' in token ? [token.platform.claims, token.realm.claims] : []
  expect(claims).toEqual(oracle(evidence, byCborg))
  expect(claims).toEqual(oracle(evidence, byCbor2))
})
