import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decode as cbor2Decode, Tag } from 'cbor2'
import { decode as cborgDecode } from 'cborg'
import { describe, expect, test } from 'vitest'
import {
  type CorimSubject,
  type EcPrivateJwk,
  type EndorsementFile,
  encodeCorim,
  lockEndorsements,
  readCorim,
  readLock,
  signCorim,
} from '../../src/index.ts'
import { attester } from '../attester.ts'
import { haveVectors, readOwn, readVector } from '../published-vectors.ts'
import { certificate, party } from '../x509/certificates.ts'
import { bytes, platformCorim, realmCorim } from './corims.ts'

const id = 'mica/test'
const at = new Date('2026-11-21T00:00:00Z')
const read = (manifest: Uint8Array, options: Parameters<typeof readCorim>[1] = {}): EndorsementFile => {
  const reading = readCorim(manifest, { at, ...options })
  if (reading.kind === 'refused') throw new Error(reading.reason)
  return reading.value
}
const why = (manifest: Uint8Array, options: Parameters<typeof readCorim>[1] = {}): string => {
  const reading = readCorim(manifest, { at, ...options })
  return reading.kind === 'refused' ? reading.reason : 'read'
}
const jwk = (key: KeyObject): EcPrivateJwk => key.export({ format: 'jwk' }) as unknown as EcPrivateJwk

const lock = readLock(
  JSON.stringify({
    workflow: 'video_moderation',
    peers: { gate: { rim: `sha256:${'11'.repeat(32)}` }, encoder: { rim: `sha512:${'22'.repeat(64)}` } },
  }),
)
const realms: EndorsementFile = {
  trustAnchors: [],
  endorsements: lock.kind === 'read' ? lockEndorsements(lock.value) : { platforms: [], realms: [] },
  notes: [],
}

describe('a manifest that is written', () => {
  test('of the images of a lock endorses these images', () => {
    expect(read(encodeCorim('realm', realms, { id }))).toMatchObject({ endorsements: realms.endorsements, notes: [] })
  })

  test.each([
    ['realm', realmCorim()],
    ['platform', platformCorim()],
  ] as const)('of a %s says what the one says that it was read from', (subject, manifest) => {
    const file = read(manifest)
    expect(read(encodeCorim(subject, file, { id }))).toEqual(file)
  })

  test.each([
    ['platform', 'plat-valid.cbor'],
    ['platform', 'ta-other-impl.cbor'],
    ['realm', 'realm-rpv-mismatch.cbor'],
  ] as const)('of a %s says what the vector %s says', (subject, name) => {
    const file = read(readOwn(`corim/${name}`))
    expect(read(encodeCorim(subject, file, { id }))).toEqual(file)
  })

  test('counts all bits of a configuration without a mask, and has no place for what is enforced', () => {
    const [platform] = read(platformCorim()).endorsements.platforms
    const { value } = platform!.config!
    const components = platform!.components.map((component) => ({ ...component, enforces: ['something'] }))
    const file = {
      trustAnchors: [],
      endorsements: { platforms: [{ ...platform!, config: { value }, components }], realms: [] },
    }
    const { platforms } = read(encodeCorim('platform', file, { id })).endorsements
    expect(platforms).toEqual([{ ...platform!, config: { value, mask: bytes(value.length, 0xff) } }])
  })

  test('counts as long as it says', () => {
    const notAfter = new Date('2026-11-20T00:00:00Z')
    const past = encodeCorim('realm', realms, { id, validity: { notAfter } })
    expect(why(past)).toBe('the CoRIM expired at 2026-11-20T00:00:00.000Z')
    const future = { notBefore: new Date('2026-11-22T00:00:00Z'), notAfter: new Date('2026-12-01T00:00:00Z') }
    expect(why(encodeCorim('realm', realms, { id, validity: future }))).toMatch(/^the CoRIM is not valid before/)
    expect(why(encodeCorim('realm', realms, { id, validity: { ...future, notBefore: notAfter } }))).toBe('read')
  })

  test('is the caller’s mistake where there is nothing of its subject', () => {
    expect(() => encodeCorim('platform', realms, { id })).toThrow('there is no platform to endorse')
    expect(() => encodeCorim('realm', read(platformCorim()), { id })).toThrow('there is no realm to endorse')
  })

  test('is never of a key that is revoked, which it could not say', () => {
    const { trustAnchor } = attester()
    const file = (revoked: boolean) => ({ ...realms, trustAnchors: [{ ...trustAnchor, revoked }] })
    expect(read(encodeCorim('platform', file(false), { id })).trustAnchors).toHaveLength(1)
    expect(() => encodeCorim('platform', file(true), { id })).toThrow('trust anchor test is revoked')
  })
})

/** The shape of draft-ietf-rats-corim, as another decoder finds it: nested byte strings are decoded as well. */
function shape(value: unknown, decode: (bytes: Uint8Array) => unknown): unknown {
  if (value instanceof Tag) {
    const content = value.tag === 506 ? decode(value.contents as Uint8Array) : value.contents
    return { [`tag ${value.tag}`]: shape(content, decode) }
  }
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, shape(item, decode)]))
  if (Array.isArray(value)) return value.map((item) => shape(item, decode))
  return value instanceof Uint8Array ? `${value.length} bytes` : value
}

describe('other decoders', () => {
  const byCbor2 = (manifest: Uint8Array): unknown => cbor2Decode(manifest, { preferMap: true })
  const tags = Object.fromEntries(
    [18, 32, 501, 506, 560].map((tag) => [tag, (content: () => unknown) => new Tag(tag, content())]),
  )
  const byCborg = (manifest: Uint8Array): unknown => cborgDecode(manifest, { useMaps: true, tags })

  test('find in it the structure of the draft', () => {
    const manifest = encodeCorim('realm', realms, { id })
    const triple = (digest: string, algorithm: number) => [
      { 0: { 0: { 'tag 560': digest } } },
      [{ 0: 'cca.rim', 1: { 2: [[algorithm, digest]] } }],
    ]
    const expected = {
      'tag 501': {
        0: id,
        1: [{ 'tag 506': { 1: { 0: `${id}/realm` }, 4: { 0: [triple('32 bytes', 1), triple('64 bytes', 8)] } } }],
        3: { 'tag 32': 'tag:arm.com,2025:endorsements/cca_realm#1.0.0' },
      },
    }
    expect(shape(byCborg(manifest), byCborg)).toEqual(expected)
    // This one makes objects of its own of URIs, so it is asked for parts only.
    const inCbor2 = JSON.stringify(shape(byCbor2(manifest), byCbor2))
    expect(inCbor2).toContain('"tag 560":"32 bytes"')
    expect(inCbor2).toContain('cca_realm#1.0.0')
  })

  test('find in it, signed, the header that readers of manifests ask for', () => {
    const key = jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)
    const manifest = encodeCorim('realm', realms, { id })
    for (const decode of [byCborg, byCbor2]) {
      const message = decode(signCorim(manifest, key, { signer: 'me' })) as Tag
      expect(message.tag).toBe(18)
      const [header, unprotected, payload, signature] = message.contents as [
        Uint8Array,
        unknown,
        Uint8Array,
        Uint8Array,
      ]
      const meta = new Map([[0, new Map([[0, 'me']])]])
      const parameters = decode(header) as Map<number, unknown>
      expect([...parameters.keys()]).toEqual([1, 3, 8])
      expect([parameters.get(1), parameters.get(3)]).toEqual([-35, 'application/rim+cbor'])
      expect(decode(parameters.get(8) as Uint8Array)).toEqual(meta)
      expect(unprotected).toEqual(new Map())
      expect(Buffer.compare(payload, manifest)).toBe(0)
      expect(signature).toHaveLength(96)
    }
  })
})

describe('a manifest that is signed', () => {
  const manifest = encodeCorim('realm', realms, { id })

  test.each(['P-256', 'P-384', 'P-521'])(
    'by a key of %s is read under that key alone, the same each time',
    (namedCurve) => {
      const pair = party('signer', namedCurve)
      const signed = signCorim(manifest, jwk(pair.privateKey), { signer: 'me' })
      expect(signCorim(manifest, jwk(pair.privateKey), { signer: 'me' })).toEqual(signed)
      const { crv: curve, x, y } = jwk(pair.privateKey)
      const key = { curve: curve as 'P-256', x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') }
      expect(read(signed, { signers: { keys: [key] } })).toEqual(read(manifest))
      expect(why(signed, { signers: { keys: [{ ...key, x: key.y }] } })).toMatch(/^it is not signed by a key/)
    },
  )

  test('with certificates is read under their root, one of them or several', () => {
    const [root, authority, signer] = [party('root'), party('authority'), party('signer')]
    const rootCert = certificate(root, root, true)
    const chain = [certificate(signer, authority, false), certificate(authority, root, true)]
    const signers = { roots: [rootCert] }
    expect(why(signCorim(manifest, jwk(signer.privateKey), { signer: 'me', certificates: chain }), { signers })).toBe(
      'read',
    )
    const direct = { signer: 'me', certificates: [certificate(signer, root, false)] }
    expect(why(signCorim(manifest, jwk(signer.privateKey), direct), { signers })).toBe('read')
  })

  test('counts as long as its signature says', () => {
    const { privateKey, publicKey } = party('signer')
    const validity = { notAfter: new Date('2026-11-20T00:00:00Z') }
    const signed = signCorim(manifest, jwk(privateKey), { signer: 'me', validity })
    const { x, y } = jwk(privateKey)
    expect(publicKey.asymmetricKeyType).toBe('ec')
    const key = { curve: 'P-256', x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') } as const
    expect(why(signed, { signers: { keys: [key] } })).toBe('the signature expired at 2026-11-20T00:00:00.000Z')
  })

  test('needs a private key on a curve of COSE', () => {
    const key = jwk(party('signer').privateKey)
    for (const wrong of [
      { ...key, crv: 'secp256k1' },
      { ...key, d: '!' },
    ])
      expect(() => signCorim(manifest, wrong, { signer: 'me' })).toThrow(TypeError)
  })
})

describe.skipIf(!haveVectors)('published manifests (skipped where their folder is absent)', () => {
  test.each([
    ['platform', 'derived/corim/plat-valid.cbor'],
    ['platform', 'derived/corim/ta-valid.cbor'],
    ['realm', 'derived/corim/realm-valid.cbor'],
  ] as readonly [CorimSubject, string][])('of a %s: what is written again of %s says the same', (subject, name) => {
    const file = read(readVector(`attestation/${name}`))
    expect(read(encodeCorim(subject, file, { id }))).toEqual(file)
  })
})
