import { describe, expect, test } from 'vitest'
import type { Submodule } from '../../src/appraisal/submodule.ts'
import { verifyToken } from '../../src/cca-token/verify.ts'
import type { CompatSwitch } from '../../src/compat.ts'
import { keyFromPem } from '../../src/cose/spki.ts'
import { earOf } from '../../src/ear/ear.ts'
import { type EndorsementFile, joinEndorsements } from '../../src/endorsements/endorsement-file.ts'
import { readEndorsements } from '../../src/endorsements/read.ts'
import type { Verdict } from '../../src/verdict.ts'
import { haveVectors, hex, readVector, readVectorJson } from '../published-vectors.ts'

const at = new Date('2025-06-01T00:00:00Z')

function endorsed(...paths: readonly string[]): EndorsementFile {
  const files = paths.map((path) => {
    const reading = readEndorsements(readVector(`attestation/${path}`), { at })
    return reading.kind === 'read' ? reading.value : expect.fail(`${path}: ${reading.reason}`)
  })
  return joinEndorsements(files)
}

function appraise(
  token: string,
  challenge: string,
  files: EndorsementFile,
  compat: readonly CompatSwitch[] = [],
): Verdict {
  const { trustAnchors, endorsements } = files
  return verifyToken(readVector(`attestation/${token}`), {
    trustAnchors,
    endorsements,
    challenge: hex(challenge),
    expectations: {},
    compat,
    diagnostics: 'all',
  })
}

const part = (verdict: Verdict, name: string): Submodule =>
  verdict.submodules.find((one) => one.name === name) ?? expect.fail(`no part ${name}`)
const failures = (verdict: Verdict): readonly string[] =>
  verdict.kind === 'rejected' ? verdict.findings.map(({ name }) => name) : []
const notes = (verdict: Verdict): readonly string[] => verdict.notes.map(({ name }) => name)

const [PLATFORM, REALM] = ['CCA_SSD_PLATFORM', 'CCA_REALM']
const verifier = { developer: 'somebody', build: '1' }

describe.skipIf(!haveVectors)('published results (skipped where their folder is absent)', () => {
  describe('of the Veraison service', () => {
    const token = 'services/arm-cca/evidence/cca-good.cbor'
    const challenge =
      '6f24d6b9635a2c8bbf58e908b94e04c1bfb3ae80cdebe832424578499fe31761e7f5e1d8bce0121844f54abdfa5286da88f53a657b15335c9396b4329254bc5c'
    const [platform, realm] = ['platform', 'realm'].map((half) => `services/arm-cca/corim/corim-cca-${half}-valid.cbor`)
    const golden = (name: string) => readVectorJson(`attestation/services/integration/results/${name}.json`)

    test('its good evidence gives its result, with the switches for what it does not compare', () => {
      const verdict = appraise(token, challenge, endorsed(platform!, realm!), ['signer-id', 'digest-length'])
      expect(verdict.kind).toBe('accepted')
      const { submods } = earOf(verdict, { verifier, issuedAt: at })
      const expected = golden('cca.good')
      // The published evidence is of the older profile; its result was made from a later one with equal claims.
      const annotated = expected[PLATFORM!]['ear.veraison.annotated-evidence']
      annotated['cca-platform-profile'] = 'http://arm.com/CCA-SSD/1.0.0'
      expect(submods).toEqual(expected)
    })

    test('without those switches its own references do not affirm: they name another signer', () => {
      const verdict = appraise(token, challenge, endorsed(platform!, realm!), ['digest-length'])
      expect(new Set(failures(verdict))).toEqual(new Set(['platform-software']))
      expect(part(verdict, PLATFORM!)).toMatchObject({ status: 'warning', vector: { executables: 33 } })
      expect(failures(appraise(token, challenge, endorsed(platform!, realm!), ['signer-id']))).toEqual([
        'digest-length',
      ])
    })

    test('evidence with another nonce is contraindicated in everything, with the reason', () => {
      const wrong = challenge.replace('6f24', '75e6')
      const verdict = appraise(token, wrong, endorsed(platform!, realm!), ['signer-id', 'digest-length'])
      const { submods } = earOf(verdict, { verifier, issuedAt: at })
      const { 'ear.veraison.policy-claims': theirs, ...expected } = golden('cca.freshness-fail')['ARM_CCA']
      expect(theirs.problem).toContain('freshness')
      expect(submods).toEqual({
        ARM_CCA: {
          ...expected,
          'ear.veraison.policy-claims': {
            problem: 'freshness: the challenge in the evidence is not the one that was sent',
          },
        },
      })
    })

    test('without reference values nothing is claimed about software: no pass, and no warning', () => {
      const onlyKeys = { ...endorsed(platform!), endorsements: { platforms: [], realms: [] } }
      const verdict = appraise(token, challenge, onlyKeys, ['digest-length'])
      expect(notes(verdict).filter((name) => name === 'no-reference-values')).toHaveLength(2)
      expect(part(verdict, PLATFORM!)).toMatchObject({ status: 'none', vector: { executables: 0, configuration: 0 } })
      expect(part(verdict, REALM!)).toMatchObject({ status: 'none', vector: { executables: 0 } })
    })
  })

  describe('of the Rust tool', () => {
    const token = 'rust-ccatoken/cca-token-01.cbor'
    const challenge = 'ab'.repeat(64)
    const anchors = 'rust-ccatoken/ta-tfa.json'

    test('its token and its reference values affirm', () => {
      const verdict = appraise(token, challenge, endorsed(anchors, 'rust-ccatoken/rv.json'))
      expect(verdict.kind).toBe('accepted')
      expect(verdict.submodules.map(({ status }) => status)).toEqual(['affirming', 'affirming'])
      expect(part(verdict, REALM!).vector.executables).toBe(2)
    })

    test.each([
      { file: 'rv-impl-id-mismatch', first: 'unknown-implementation', vector: { hardware: 97 } },
      { file: 'rv-rim-mismatch', first: 'rim', vector: { executables: -97 } },
      { file: 'rv-perso-mismatch', first: 'rim', vector: { executables: -97 } },
    ])('$file affirms nothing', ({ file, first, vector }) => {
      const verdict = appraise(token, challenge, endorsed(anchors, `rust-ccatoken-2026/${file}.json`))
      expect(failures(verdict)).toContain(first)
      const half = 'hardware' in vector ? PLATFORM! : REALM!
      expect(part(verdict, half)).toMatchObject({ status: 'contraindicated', vector })
      expect(verdict.submodules.map(({ status }) => status)).not.toContain('affirming')
    })

    test('each single difference from its reference values is told apart', () => {
      const { trustAnchors, endorsements, notes } = endorsed(anchors, 'rust-ccatoken/rv.json')
      const [reference] = endorsements.realms
      const judged = (change: object) => {
        const realms = [{ ...reference!, ...change }]
        return appraise(token, challenge, { trustAnchors, endorsements: { ...endorsements, realms }, notes })
      }
      const zeroes = [0, 1, 2].map(() => new Uint8Array(32))
      for (const [change, name, executables] of [
        [{ rim: new Uint8Array(32).fill(1) }, 'rim', -97],
        [{ rpv: new Uint8Array(64) }, 'rpv', 96],
        [{ rems: [...zeroes, new Uint8Array(32).fill(1)] }, 'rem', 96],
      ] as const) {
        const verdict = judged(change)
        expect(failures(verdict)).toEqual([name])
        expect(part(verdict, REALM!)).toMatchObject({ status: 'contraindicated', vector: { executables } })
        expect(part(verdict, PLATFORM!).status).toBe('affirming')
      }
      // Measurements that a reference does not give are not compared, and not affirmed.
      expect(part(judged({ rems: [...zeroes, undefined] }), REALM!).vector.executables).toBe(3)
      expect(part(judged({ rems: undefined }), REALM!).vector.executables).toBe(3)
    })

    test('the wrong platform key of its sample breaks the chain', () => {
      const token02 = 'rust-ccatoken/cca-token-02.cbor'
      const outcomes = ['ok', 'bad'].map((kind) => {
        const verdict = appraise(token02, '', endorsed(`rust-ccatoken/ta-02-${kind}.json`))
        return failures(verdict).includes('platform-signature')
      })
      expect(outcomes).toEqual([false, true])
    })
  })

  test('a CoSERV store affirms the firmware it knows, and the other token it does not', () => {
    const store = endorsed('cca-coserv-demo/coserv_rv_result.cbor', 'cca-coserv-demo/coserv_ta_result.cbor')
    const good = appraise('cca-coserv-demo/ccatoken.cbor', '', store)
    expect(part(good, 'ARM_CCA').problem).toMatch(/^freshness/)
    const challenge =
      good.kind === 'rejected' && good.unverified?.kind === 'token' ? good.unverified.realm.challenge : undefined
    const judged = (token: string, nonce: string) => appraise(token, nonce, store)
    const fresh = judged('cca-coserv-demo/ccatoken.cbor', Buffer.from(challenge!).toString('hex'))
    expect(part(fresh, PLATFORM!)).toMatchObject({ status: 'affirming', vector: { executables: 2, configuration: 0 } })
    const other = judged('cca-coserv-demo/ccatoken_contraindicated.cbor', 'ab'.repeat(64))
    expect(part(other, PLATFORM!)).toMatchObject({ status: 'warning', vector: { executables: 33 } })
    expect(other.kind).toBe('rejected')
  })

  test('signed endorsements of other tools affirm the token that they are for, with those of the Realm in another file', () => {
    const token = 'rust-ccatoken/cca-token-01.cbor'
    const signed = (path: string, key: string, when = at) => {
      const signers = { keys: [keyFromPem(new TextDecoder().decode(readVector(`attestation/${key}`)))!] }
      const reading = readEndorsements(readVector(`attestation/${path}`), { signers, at: when })
      return reading.kind === 'read' ? reading.value : expect.fail(reading.reason)
    }
    const realm = signed('corim-store/signed-cca-ref-realm.cose', 'corim-store/key.pub.pem')
    const cover = ['ref-plat', 'ta'].map((name) =>
      signed(`cover/corim/signed-corim-cca-${name}.cbor`, 'cover/corim/key.pub.pem'),
    )
    const store = ['ref-plat', 'ta'].map((name) => endorsed(`corim-store/unsigned-cca-${name}.cbor`))
    for (const files of [cover, store]) {
      const verdict = appraise(token, 'ab'.repeat(64), joinEndorsements([...files, realm]))
      expect(verdict.kind).toBe('accepted')
      expect(verdict.submodules.map(({ status }) => status)).toEqual(['affirming', 'affirming'])
    }
  })
})
