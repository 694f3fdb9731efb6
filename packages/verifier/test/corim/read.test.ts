import { type CborValue, encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { type CorimOptions, readCorim } from '../../src/corim/read.ts'
import type { EndorsementFile } from '../../src/index.ts'
import {
  bytes,
  component,
  config,
  corim,
  IMPLEMENTATION,
  INSTANCE,
  map,
  PLATFORM_PROFILE,
  platformClass,
  platformCorim,
  platformInstance,
  REALM_PROFILE,
  realmCorim,
  register,
  SIGNER,
  SIGNER_JWK,
  SIGNER_PEM,
  signedCorim,
  tag,
} from './corims.ts'

function read(manifest: Uint8Array, options: CorimOptions = {}): EndorsementFile {
  const reading = readCorim(manifest, options)
  return reading.kind === 'read' ? reading.value : expect.fail(reading.reason)
}
function refusal(manifest: Uint8Array, options: CorimOptions = {}): string {
  const reading = readCorim(manifest, options)
  return reading.kind === 'refused' ? reading.reason : 'read'
}
const platform = (...measurements: readonly CborValue[]): Uint8Array =>
  corim(PLATFORM_PROFILE, map([0, [[platformClass, measurements]]]))
const anchor = (environment: CborValue, ...keys: readonly CborValue[]): Uint8Array =>
  corim(PLATFORM_PROFILE, map([3, [[environment, keys]]]))
const values = (key: CborValue, ...entries: readonly (readonly [number, CborValue])[]): CborValue =>
  new Map<number, CborValue>([
    [0, key],
    [1, map(...entries)],
  ])

test('a manifest of a platform gives its key, its components and its configuration', () => {
  const { trustAnchors, endorsements } = read(platformCorim())
  expect(trustAnchors).toEqual([
    {
      name: 'instance 0109090909090909…',
      implementationId: IMPLEMENTATION,
      instanceId: INSTANCE,
      key: expect.objectContaining({ x: SIGNER_JWK.x, y: SIGNER_JWK.y }),
    },
  ])
  expect(endorsements).toEqual({
    platforms: [
      {
        implementationId: IMPLEMENTATION,
        components: [{ type: 'BL', measurement: bytes(32, 3), signerId: bytes(32, 5), version: undefined }],
        config: { value: bytes(4, 1), mask: bytes(4, 255) },
      },
    ],
    realms: [],
  })
})

test('a manifest of a Realm gives its measurements; registers that it leaves out are not compared', () => {
  const digest = bytes(32, 3)
  expect(read(realmCorim()).endorsements.realms).toEqual([
    { rim: digest, rems: [digest, digest, digest, digest], rpv: bytes(64, 2) },
  ])
  expect(read(realmCorim([register('cca.rim'), register('cca.rem2')])).endorsements.realms).toEqual([
    { rim: digest, rems: [undefined, undefined, digest, undefined], rpv: undefined },
  ])
  expect(read(realmCorim([register('cca.rim')])).endorsements.realms).toEqual([
    { rim: digest, rems: undefined, rpv: undefined },
  ])
})

test('the legacy dialect names a Realm by its instance, and puts all registers into one measurement', () => {
  const registers = map(['rim', [[1, bytes(32, 3)]]], ['rem0', [[1, bytes(32, 4)]]])
  const measurement = map([1, map([4, tag(560, bytes(64, 2))], [14, registers])])
  const environment = map([1, tag(560, bytes(32, 3))])
  const legacy = (profile: CborValue | undefined) => {
    const comid = encodeCbor(map([1, map([0, 'id'])], [4, map([0, [[environment, [measurement]]]])]))
    const entries = profile === undefined ? [] : [[3, profile] as const]
    return encodeCbor(tag(501, map([0, 'test'], [1, [tag(506, comid)]], ...entries)))
  }
  for (const profile of ['http://arm.com/cca/realm/1', undefined])
    expect(read(legacy(profile)).endorsements.realms).toEqual([
      { rim: bytes(32, 3), rems: [bytes(32, 4), undefined, undefined, undefined], rpv: bytes(64, 2) },
    ])
  expect(refusal(legacy('http://arm.com/cca/ssd/1'))).toBe('reference values of a platform name an instance')
})

test('several triples of one platform are alternatives, and each must be complete by itself', () => {
  const triples = [
    [platformClass, [component('BL')]],
    [platformClass, [component('RMM')]],
  ]
  const { platforms } = read(corim(PLATFORM_PROFILE, map([0, triples]))).endorsements
  expect(platforms.map(({ components }) => components.map(({ type }) => type))).toEqual([['BL'], ['RMM']])
})

describe('a manifest is refused', () => {
  const signers = [tag(560, bytes(32, 5))]
  const digest = [[1, bytes(32, 3)]]
  const component2 = (...entries: readonly (readonly [number, CborValue])[]) =>
    values('cca.software-component', ...entries)

  test.each<[string, Uint8Array, string]>([
    [
      'two digests',
      platform(component2([2, [...digest, ...digest]], [13, signers])),
      'component `` has not exactly one digest',
    ],
    [
      'an unknown algorithm',
      platform(component2([2, [[2, bytes(32, 3)]]], [13, signers])),
      'digest algorithm of component `` is unknown: 2',
    ],
    ['no signer', platform(component2([2, digest])), 'signers of a component is missing'],
    [
      'two signers',
      platform(component2([2, digest], [13, [...signers, ...signers]])),
      'a component has more than one signer',
    ],
    [
      'a signer that is a key',
      platform(component2([2, digest], [13, [tag(554, SIGNER_PEM)]])),
      'signer of a component is no byte string under tag 560',
    ],
    [
      'a signer of 20 bytes',
      platform(component2([2, digest], [13, [tag(560, bytes(20, 1))]])),
      'signer of a component has 20 bytes, not 32 or 48 or 64',
    ],
    [
      'a number for a key',
      platform(values(1, [2, digest], [13, signers])),
      'a measurement of a platform has an unknown key: 1',
    ],
    ['two configurations', platform(config(), config()), 'a platform has two configurations'],
    [
      'a configuration without value',
      platform(values('cca.platform-config', [2, digest])),
      'raw value of the configuration is missing',
    ],
    [
      'a short mask',
      platform(config(tag(563, [bytes(4, 1), bytes(3, 1)]))),
      'mask of the configuration is not as long as its value',
    ],
    [
      'two masks',
      platform(values('cca.platform-config', [4, tag(563, [bytes(1, 1), bytes(1, 1)])], [5, bytes(1, 1)])),
      'raw value of the configuration is neither 560(value) nor 563([value, mask])',
    ],
    ['no measurements', platform(), 'the list of measurements is no list of one or more'],
    [
      'an authorization',
      platform(
        new Map<number, CborValue>([
          [0, 'cca.platform-config'],
          [1, map([4, tag(560, bytes(1, 1))])],
          [2, []],
        ]),
      ),
      'a measurement says by whom it is authorized',
    ],
    [
      'references of one instance',
      corim(PLATFORM_PROFILE, map([0, [[platformInstance, [component('BL')]]]])),
      'reference values of a platform name an instance',
    ],
    [
      'a certificate for a key',
      anchor(platformInstance, tag(555, SIGNER_PEM)),
      'an attestation key is a certificate, which no CCA profile has',
    ],
    ['a PEM of nothing', anchor(platformInstance, tag(554, 'x')), 'an attestation key is no PEM of an EC public key'],
    [
      'a JWK of nothing',
      anchor(platformInstance, tag(560, bytes(2, 0x7b))),
      'an attestation key is neither 554(PEM) nor 560(JWK of an EC key)',
    ],
    [
      'two keys',
      anchor(platformInstance, tag(554, SIGNER_PEM), tag(554, SIGNER_PEM)),
      'a platform has more than one attestation key',
    ],
    ['a key of no instance', anchor(platformClass, tag(554, SIGNER_PEM)), 'environment.instance is missing'],
    [
      'another implementation id',
      anchor(map([0, map([0, tag(560, bytes(31, 1))])], [1, tag(550, INSTANCE)]), tag(554, SIGNER_PEM)),
      'environment.class.id has 31 bytes, not 32',
    ],
    [
      'another UEID',
      anchor(map([0, map([0, tag(560, IMPLEMENTATION)])], [1, tag(550, bytes(33, 2))]), tag(554, SIGNER_PEM)),
      'environment.instance is not a UEID of type RAND',
    ],
    [
      'an unknown profile',
      corim('tag:example.com,2025:other', map([0, [[platformClass, [component('BL')]]]])),
      'profile `tag:example.com,2025:other` is not one of CCA',
    ],
    [
      'a key among Realms',
      corim(REALM_PROFILE, map([3, [[platformInstance, [tag(554, SIGNER_PEM)]]]])),
      'a manifest of Realms has an attestation key',
    ],
    [
      'a component among Realms',
      realmCorim([component('BL')]),
      'a measurement of a Realm has an unknown key: `cca.software-component`',
    ],
    [
      'another initial measurement than the named',
      realmCorim([register('cca.rim', 4)]),
      'the initial measurement is not the one the environment names',
    ],
    ['a register twice', realmCorim([register('cca.rim'), register('cca.rim')]), '`cca.rim` stands twice'],
    [
      'a fifth register',
      realmCorim([register('cca.rim'), register('cca.rem4')]),
      'a measurement of a Realm has an unknown key: `cca.rem4`',
    ],
    [
      'a personalization value without value',
      realmCorim([register('cca.rim'), values('cca.rpv', [2, digest])]),
      'raw value of the personalization value is missing',
    ],
    [
      'a masked personalization value',
      realmCorim([register('cca.rim'), values('cca.rpv', [4, tag(563, [bytes(64, 1), bytes(64, 1)])])]),
      'the personalization value has a mask',
    ],
    ['no tags', encodeCbor(tag(501, map([0, 'test'], [1, []]))), 'the list of tags is no list of one or more'],
    ['no id', encodeCbor(tag(501, map([1, []]))), 'the id of the CoRIM is neither text nor a UUID'],
    ['a triple of three', corim(PLATFORM_PROFILE, map([0, [[platformClass, [], []]]])), 'a triple is no array of two'],
  ])('for %s', (_, manifest, reason) => {
    expect(refusal(manifest)).toBe(reason)
  })
})

test('what plays no part in appraisal is passed over, and said', () => {
  const manifest = corim(
    PLATFORM_PROFILE,
    map(
      [0, [[platformClass, [component('BL'), values('cca.rotpk.CM.1.2', [2, [[1, bytes(32, 1)]]])]]]],
      [1, [[platformClass, []]]],
    ),
    [2, []],
    [99, 'x'],
  )
  expect(read(manifest).notes).toEqual([
    'it depends on other manifests, which are not fetched',
    'an extension of the manifest is passed over: 99',
    '`cca.rotpk.CM.1.2` is endorsed, and not compared',
    'triples of kind 1 are passed over',
  ])
  const otherTag = encodeCbor(tag(501, map([0, 'test'], [1, [tag(505, bytes(1, 1))]])))
  expect(read(otherTag)).toEqual({
    trustAnchors: [],
    endorsements: { platforms: [], realms: [] },
    notes: ['a tag of type 505 is passed over'],
  })
})

describe('a signed manifest', () => {
  const signers = { keys: [SIGNER] }

  test('is read with the key of who signed it; a signature of what is no endorsement is refused', () => {
    expect(refusal(signedCorim(platformCorim()), { signers })).toBe('read')
    expect(refusal(signedCorim(platformCorim(), [[3, 'text/plain']]), { signers })).toBe(
      'the content type of the signature is not that of endorsements',
    )
  })

  test('is what there must be once somebody is trusted to sign, unless the caller lets others pass', () => {
    const mustBeSigned = false
    expect(refusal(platformCorim(), { signers })).toBe('it is not signed')
    expect(refusal(platformCorim(), { signers, mustBeSigned })).toBe('read')
    expect(refusal(platformCorim(), { mustBeSigned: true })).toBe('it is not signed')
    const broken = signedCorim(platformCorim())
    broken[broken.length - 1]! ^= 1
    expect(refusal(broken, { signers, mustBeSigned })).toMatch(/^it is not signed by a key/)
    expect(refusal(signedCorim(platformCorim()), { mustBeSigned })).toMatch(/^it is signed, and nobody is trusted/)
  })

  test('says itself until when its signature counts', () => {
    const meta = (validity: CborValue) => encodeCbor(map([0, map([0, 'me'])], [1, validity]))
    const until = (time: CborValue) => signedCorim(platformCorim(), [[8, meta(map([1, time]))]])
    const at = new Date(1000_000)
    expect(refusal(until(tag(1, 1000)), { signers, at })).toBe('read')
    expect(refusal(until(tag(1, 999)), { signers, at })).toBe('the signature expired at 1970-01-01T00:16:39.000Z')
    expect(refusal(until(999), { signers, at })).toBe('the validity of the signature is not in seconds under tag 1')
    expect(refusal(until(tag(1, Number.MAX_SAFE_INTEGER)), { signers, at })).toBe('read')
    expect(refusal(signedCorim(platformCorim(), [[8, 'x']]), { signers })).toBe('corim-meta is no byte string')
  })

  test('may not be wrapped in another', () => {
    const twice = signedCorim(signedCorim(platformCorim()))
    expect(refusal(twice, { signers })).toBe('it is neither a CoRIM (tag 501) nor a CoSERV result set')
  })
})
