import { createPublicKey, verify } from 'node:crypto'
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { Machine, RootOfTrust, SIMULATED_ROOT_OF_TRUST } from '../src/index.ts'

const SEED = new Uint8Array(32).fill(3)
const CHALLENGE = new Uint8Array(32).fill(9)

interface Token {
  readonly protectedHeader: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly claims: ReadonlyMap<CborKey, CborValue>
}

function decode(bytes: Uint8Array): CborValue {
  const decoding = decodeCbor(bytes, { deterministic: false })
  if (decoding.kind !== 'value') throw new Error(decoding.reason)
  return decoding.value
}

function open(token: Uint8Array): Token {
  const { tag, value } = decode(token) as { tag: number; value: readonly CborValue[] }
  expect(tag).toBe(18)
  const [protectedHeader, unprotected, payload, signature] = value as [Uint8Array, unknown, Uint8Array, Uint8Array]
  expect(unprotected).toEqual(new Map())
  return { protectedHeader, payload, signature, claims: decode(payload) as Token['claims'] }
}

describe('a platform token', () => {
  test('is signed by the simulated platform attestation key with ES384', () => {
    const token = open(new RootOfTrust(SEED).platformToken(CHALLENGE))
    expect(Buffer.from(token.protectedHeader).toString('hex')).toBe('a1013822')
    const signed = encodeCbor(['Signature1', token.protectedHeader, new Uint8Array(), token.payload])
    const key = createPublicKey({ key: { ...SIMULATED_ROOT_OF_TRUST.cpak }, format: 'jwk' })
    expect(verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, token.signature)).toBe(true)
    signed[signed.length - 1]! ^= 1
    expect(verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, token.signature)).toBe(false)
  })

  test('carries the mandatory claims of its profile, in their sizes', () => {
    const { claims } = open(new RootOfTrust(SEED).platformToken(CHALLENGE))
    const { implementationId, instanceId, config } = SIMULATED_ROOT_OF_TRUST
    expect(Array.from(claims.keys()).sort()).toEqual([10, 2395, 2396, 2399, 2401, 2402, 256, 265])
    expect(claims.get(265)).toBe('tag:arm.com,2023:cca_platform#1.0.0')
    expect(claims.get(10)).toEqual(CHALLENGE)
    expect(claims.get(2396)).toEqual(implementationId)
    expect(claims.get(256)).toEqual(instanceId)
    expect([implementationId.length, instanceId.length, instanceId[0]]).toEqual([32, 33, 1])
    expect(claims.get(2395)).toBe(0x3003)
    expect(claims.get(2401)).toEqual(config)
    expect(claims.get(2402)).toBe('sha-256')
  })

  test('emits claims, and members of software components, in the order of recorded platforms', () => {
    const { claims } = open(new RootOfTrust(SEED).platformToken(CHALLENGE))
    expect([...claims.keys()]).toEqual([265, 10, 2396, 256, 2401, 2395, 2402, 2399])
    const components = claims.get(2399) as readonly ReadonlyMap<CborKey, CborValue>[]
    for (const component of components) expect([...component.keys()]).toEqual([1, 4, 5, 2, 6])
  })

  test('lists the monitor among the measured software, as the identity publishes it', () => {
    const { claims } = open(new RootOfTrust(SEED).platformToken(CHALLENGE))
    const listed = claims.get(2399) as readonly ReadonlyMap<CborKey, CborValue>[]
    const published = SIMULATED_ROOT_OF_TRUST.softwareComponents
    expect(listed.map((entry) => [entry.get(1), entry.get(4), entry.get(2), entry.get(5)])).toEqual(
      published.map(({ type, version, measurement, signerId }) => [type, version, measurement, signerId]),
    )
    expect(published.map(({ type }) => type)).toContain('RMM')
  })

  test('measures another monitor differently, and nothing else', () => {
    const machine = new Machine({ seed: SEED, dram: { base: 0, size: 4096 } })
    const measurements = (): string[] => {
      const { claims } = open(machine.rootOfTrust.platformToken(CHALLENGE))
      return (claims.get(2399) as readonly ReadonlyMap<CborKey, CborValue>[]).map((entry) => String(entry.get(2)))
    }
    const before = measurements()
    machine.installMonitor(() => {}, 'another monitor')
    expect(measurements().map((value, index) => value === before[index])).toEqual([true, true, false])
  })

  test('is the same bytes for the same challenge', () => {
    const rot = new RootOfTrust(SEED)
    expect(rot.platformToken(CHALLENGE)).toEqual(rot.platformToken(CHALLENGE))
  })
})

test('the Realm attestation key depends on the seed and nothing else', () => {
  const key = new RootOfTrust(SEED).realmAttestationKey()
  expect(key.length).toBe(48)
  expect(new RootOfTrust(SEED).realmAttestationKey()).toEqual(key)
  expect(new RootOfTrust(new Uint8Array(32)).realmAttestationKey()).not.toEqual(key)
})
