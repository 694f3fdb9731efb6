import { describe, expect, test } from 'vitest'
import { type CorimOptions, readCorim } from '../../src/corim/read.ts'
import { keyFromJwk } from '../../src/cose/key.ts'
import { keyFromPem } from '../../src/cose/spki.ts'
import { haveVectors, readVector, readVectorJson } from '../published-vectors.ts'

/** When every published manifest was valid that has a time at all. */
const IN_2025 = new Date('2025-06-01T00:00:00Z')
const IN_JANUARY_2026 = new Date('2026-01-15T00:00:00Z')
const NOW = new Date('2026-11-21T00:00:00Z')

const file = (path: string): Uint8Array => readVector(`attestation/${path}`)
const pem = (path: string) => keyFromPem(new TextDecoder().decode(file(path)))!
const jwk = (path: string) => keyFromJwk(readVectorJson(`attestation/${path}`))!
const outcome = (path: string, options: CorimOptions = {}): string => {
  const reading = readCorim(file(path), { at: IN_2025, ...options })
  return reading.kind === 'read' ? 'read' : reading.reason
}

describe.skipIf(!haveVectors)('published manifests (skipped where their folder is absent)', () => {
  test.each([
    { path: 'services/arm-cca/corim/corim-cca-platform-valid.cbor', anchors: 1, platforms: 1, realms: 0 },
    { path: 'services/arm-cca/corim/corim-cca-realm-valid.cbor', anchors: 0, platforms: 0, realms: 1 },
    { path: 'services/end-to-end/cca-endorsements.cbor', anchors: 1, platforms: 1, realms: 0 },
    { path: 'corim/profile-cca/cca-platform-valid.cbor', anchors: 1, platforms: 1, realms: 0 },
    { path: 'corim/profile-cca/cca-realm-valid.cbor', anchors: 0, platforms: 0, realms: 1 },
    { path: 'corim-store/unsigned-cca-ref-plat.cbor', anchors: 0, platforms: 1, realms: 0 },
    { path: 'corim-store/unsigned-cca-ta.cbor', anchors: 1, platforms: 0, realms: 0 },
    { path: 'cca-coserv-demo/coserv_rv_result.cbor', anchors: 0, platforms: 1, realms: 0 },
    { path: 'cca-coserv-demo/coserv_ta_result.cbor', anchors: 1, platforms: 0, realms: 0 },
  ])('$path is read', ({ path, anchors, platforms, realms }) => {
    const reading = readCorim(file(path), { at: IN_2025 })
    expect(reading).toMatchObject({ kind: 'read' })
    const { trustAnchors, endorsements } = reading.kind === 'read' ? reading.value : expect.fail()
    expect([trustAnchors.length, endorsements.platforms.length, endorsements.realms.length]).toEqual([
      anchors,
      platforms,
      realms,
    ])
  })

  test.each([
    ['services/arm-cca/corim/corim-cca-platform-bad-no-class.cbor', 'environment.class is missing'],
    [
      'services/arm-cca/corim/corim-cca-platform-bad-ta-instance.cbor',
      'environment.instance is no byte string under tag 550',
    ],
    ['services/arm-cca/corim/corim-cca-platform-bad-refval-no-mkey.cbor', 'a measurement of a platform has no key'],
    [
      'services/arm-cca/corim/corim-cca-platform-bad-refval-mkey-string.cbor',
      'a measurement of a platform has an unknown key: `cca.bad-component`',
    ],
    ['services/arm-cca/corim/corim-cca-platform-bad-refval-no-digests.cbor', 'digests of component `BL` is missing'],
    [
      'services/arm-cca/corim/corim-cca-realm-bad-instance.cbor',
      'environment.class.id is no byte string under tag 560',
    ],
    ['services/arm-cca/corim/corim-cca-realm-bad-no-rim.cbor', 'the initial measurement is missing'],
    [
      'corim/profile-cca/cca-platform-invalid-digests.cbor',
      'digest of component `RSE_BL1_2` does not have the 32 bytes of its algorithm',
    ],
    ['corim/profile-cca/cca-realm-invalid-rim-size.cbor', 'environment.class.id has 16 bytes, not 32 or 48 or 64'],
    [
      'derived/corim/plat-flat-digests.cbor',
      'digests of component `RSE_BL1_2` are not a list of [algorithm, value] pairs: write [[algorithm, value]]',
    ],
  ])('%s is refused: %s', (path, reason) => {
    expect(outcome(path)).toBe(reason)
  })

  test('a manifest of other tools counts while it is valid, and no longer', () => {
    const path = 'services/end-to-end/cca-endorsements.cbor'
    expect(outcome(path, { at: NOW })).toBe('the CoRIM expired at 2025-12-31T00:00:00.000Z')
    expect(outcome(path, { at: new Date('2021-01-01T00:00:00Z') })).toMatch(/^the CoRIM is not valid before 2021-12-31/)
    expect(outcome('cca-coserv-demo/coserv_rv_result.cbor', { at: NOW })).toMatch(
      /^the result set expired at 2026-01-28/,
    )
    expect(outcome('cca-coserv-demo/coserv_rv_result.cbor', { at: IN_JANUARY_2026 })).toBe('read')
  })

  describe('signed ones', () => {
    const notTrusted = 'it is not signed by a key that is trusted for endorsements'

    test.each(['cover/corim/signed-corim-cca-ref-plat.cbor', 'cover/corim/signed-corim-cca-ta.cbor'])(
      '%s is read with the key that signed it, and with no other',
      (path) => {
        expect(outcome(path, { signers: { keys: [pem('cover/corim/key.pub.pem')] } })).toBe('read')
        expect(outcome(path, { signers: { keys: [pem('cover/corim/key.bad.pem')] } })).toBe(notTrusted)
        expect(outcome(path, { signers: {} })).toBe('no key or root is trusted that could have signed it')
        expect(outcome(path)).toBe('it is signed, and nobody is trusted to sign endorsements')
      },
    )

    test('corim-store/signed-cca-ref-realm.cose is read with its key', () => {
      const path = 'corim-store/signed-cca-ref-realm.cose'
      expect(outcome(path, { signers: { keys: [pem('corim-store/key.pub.pem')] } })).toBe('read')
      expect(outcome(path, { signers: { keys: [pem('cover/corim/key.bad.pem')] } })).toBe(notTrusted)
    })

    test('corim-store/signed-with-cert-cca-ref-plat.cose is read under its root, while its certificates are valid', () => {
      const path = 'corim-store/signed-with-cert-cca-ref-plat.cose'
      const der = (name: string) => file(`corim-store/certs/${name}.cert.der`)
      expect(outcome(path, { at: NOW, signers: { roots: [der('root')] } })).toBe('read')
      expect(outcome(path, { at: NOW, signers: { roots: [der('int')] } })).toBe('read')
      expect(outcome(path, { at: IN_2025, signers: { roots: [der('root')] } })).toBe(
        'x5chain: certificate 0 of the chain is not valid at this time',
      )
      expect(outcome(path, { at: NOW, signers: { roots: [file('corim/certs/rootCA.der')] } })).toBe(
        'x5chain: the chain does not end at a root that is trusted',
      )
    })

    test('a manifest that is not signed is refused where signers are asked for', () => {
      const signers = { keys: [pem('cover/corim/key.pub.pem')] }
      expect(outcome('corim-store/unsigned-cca-ta.cbor', { signers })).toBe('it is not signed')
    })

    test('a good signature over what is no manifest of CCA is checked first, and does not help', () => {
      const signers = { keys: [jwk('cocli/keys/ec-p256.jwk')] }
      const other = { keys: [pem('cover/corim/key.bad.pem')] }
      const generic = 'corim/corim/signed-good-corim.cbor'
      expect(outcome(generic, { signers })).toBe('a measurement of a platform has an unknown key: of another kind')
      expect(outcome(generic, { signers: other })).toBe(notTrusted)
      expect(outcome(generic, { at: NOW, signers })).toBe('the signature expired at 2025-12-31T00:00:00.000Z')
      const untagged = 'cocli/corim/signed-corim.cbor'
      expect(outcome(untagged, { signers: other })).toBe(notTrusted)
      expect(outcome(untagged, { signers })).toBe('it is neither a CoRIM (tag 501) nor a CoSERV result set')
    })
  })
})
