import { describe, expect, test } from 'vitest'
import { verifyToken } from '../../src/cca-token/verify.ts'
import type { VerificationOptions } from '../../src/options.ts'
import type { Verdict } from '../../src/verdict.ts'
import { anchorFor, challengeIn } from '../../vectors/judge-token.ts'
import { CPAK_P256, CPAK_P384, haveVectors, readVector } from '../published-vectors.ts'

const judge = (path: string, key = CPAK_P384, options: Partial<VerificationOptions<object>> = {}): Verdict => {
  const evidence = readVector(`attestation/${path}`)
  const trustAnchors = anchorFor(evidence, key)
  return verifyToken(evidence, { trustAnchors, challenge: challengeIn(evidence), ...options, expectations: {} })
}
const names = (verdict: Verdict): readonly string[] =>
  verdict.kind === 'accepted' ? [] : verdict.findings.map(({ name }) => name)

describe.skipIf(!haveVectors)('published tokens (skipped where their folder is absent)', () => {
  test('a sample that names SHA-256 over 64-byte values is accepted only with the switch for it', () => {
    const path = 'ccatoken/tokens/testGoodCCAToken.cbor'
    expect(names(judge(path, CPAK_P256))).toEqual(['digest-length'])
    const lenient = judge(path, CPAK_P256, { compat: ['digest-length'] })
    expect(lenient.kind).toBe('accepted')
    expect(lenient.notes.map((note) => note.name)).toContain('compat-switch-used')
  })

  test('the example whose signatures belong to an older text fails at both signatures, and only there', () => {
    const verdict = judge('draft-ffm-rats-cca-token-04/example-907-2026.cbor', CPAK_P384, { diagnostics: 'all' })
    expect(names(verdict)).toEqual(['platform-signature', 'realm-signature'])
  })

  test.each([
    ['tf-m-tools/cca/cca_example_token.cbor', CPAK_P384, ['2023', '2024']],
    ['services/arm-cca/evidence/cca-good.cbor', CPAK_P256, ['legacy', '2023']],
  ])('%s has profiles that only firmware pairs: accepted unless pairing is strict', (path, key, generations) => {
    const options = { compat: ['digest-length'] } as const
    const verdict = judge(path, key, options)
    const claims = verdict.kind === 'accepted' && verdict.claims.kind === 'token' ? verdict.claims : expect.fail()
    expect([claims.platform.generation, claims.realm.generation]).toEqual(generations)
    expect(judge(path, key, { ...options, pairing: 'off' }).kind).toBe('accepted')
    expect(names(judge(path, key, { ...options, pairing: 'strict' }))).toEqual(['profile-pair'])
  })
})
