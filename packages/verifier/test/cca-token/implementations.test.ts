import { expect, test } from 'vitest'
import { corpus } from '../../fuzz/corpus.ts'
import { nobleSignatures, type SignatureVerifier, verifyToken, withWebCrypto } from '../../src/index.ts'
import { nodeSignatures } from '../../src/node/ecdsa.ts'
import { anchorFor, hexBytes } from '../../vectors/judge-token.ts'
import { CPAK_P384, readOwn, readOwnJson } from '../published-vectors.ts'

const { nonce_hex, vectors } = readOwnJson('expect.json')

test.each(vectors as Record<string, string>[])(
  '$file is the same by every signature implementation',
  async (vector) => {
    const evidence = readOwn(vector['file']!)
    const trustAnchors = anchorFor(evidence, CPAK_P384)
    const challenge = hexBytes(vector['nonce_hex'] ?? nonce_hex)
    for (const diagnostics of ['first', 'all'] as const) {
      const judge = (signatures: SignatureVerifier) =>
        verifyToken(evidence, { trustAnchors, challenge, signatures, diagnostics, expectations: {} })
      const expected = judge(nodeSignatures)
      expect(judge(nobleSignatures)).toEqual(expected)
      expect(await withWebCrypto(judge)).toEqual(expected)
    }
  },
)

test('nothing is taken for signed while WebCrypto has not answered', async () => {
  const [token] = corpus()
  const seen: string[] = []
  const result = await withWebCrypto((signatures) => {
    const verdict = token!.judge(token!.evidence, 'first', signatures)
    seen.push(verdict.kind === 'accepted' ? 'accepted' : verdict.findings[0]!.name)
    return verdict.kind
  })
  expect(result).toBe('accepted')
  expect(seen).toEqual(['platform-signature', 'rak', 'realm-signature', 'accepted'])
})
