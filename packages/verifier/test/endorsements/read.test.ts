import { encodeCbor } from '@mica/policy/cbor'
import { expect, test } from 'vitest'
import { joinEndorsements } from '../../src/endorsements/endorsement-file.ts'
import { readEndorsements } from '../../src/endorsements/read.ts'
import { platformCorim, realmCorim, SIGNER, SIGNER_JWK, signedCorim } from '../corim/corims.ts'

const id = '11'.repeat(32)
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const anchors = text([{ 'implementation-id': id, 'instance-id': `01${id}`, pkey: SIGNER_JWK }])
const component = { 'measurement-value': id, 'signer-id': id, version: null, 'component-type': null }
const values = text({ platform: [{ 'implementation-id': id, 'sw-components': [component] }], realm: [] })
const lock = text({ workflow: 'w', peers: { gate: { rim: `sha256:${id}` }, far: { rim: `sha512:${id}${id}` } } })

function counts(bytes: Uint8Array, options = {}): readonly number[] | string {
  const reading = readEndorsements(bytes, options)
  if (reading.kind === 'refused') return reading.reason
  const { trustAnchors, endorsements } = reading.value
  return [trustAnchors.length, endorsements.platforms.length, endorsements.realms.length]
}

test('a file of endorsements is known by its content', () => {
  expect(counts(anchors)).toEqual([1, 0, 0])
  expect(counts(values)).toEqual([0, 1, 0])
  expect(counts(lock)).toEqual([0, 0, 2])
  expect(counts(platformCorim())).toEqual([1, 1, 0])
  expect(counts(realmCorim())).toEqual([0, 0, 1])
})

test('where signers are asked for, nothing unsigned is read, whatever its format', () => {
  const signers = { keys: [SIGNER] }
  for (const file of [anchors, values, lock, platformCorim()])
    expect(counts(file, { signers })).toBe('it is not signed')
  expect(counts(signedCorim(platformCorim()), { signers })).toEqual([1, 1, 0])
  expect(counts(signedCorim(platformCorim()))).toBe('it is signed, and nobody is trusted to sign endorsements')
})

test('what no endorser writes is refused', () => {
  for (const bad of [text({}), text([]), text({ peers: 7 }), text([7]), text({ platform: 7 }), encodeCbor('x')])
    expect(typeof counts(bad) === 'string' || `${counts(bad)}` === '0,0,0').toBe(true)
  expect(counts(encodeCbor('x'))).toBe('it is neither a CoRIM (tag 501) nor a CoSERV result set')
  expect(counts(text({ peers: 7 }))).toBe('`workflow` is not a text')
  expect(counts(new Uint8Array())).toBe('endorsements: truncated at byte 0')
})

test('several files say together what each says', () => {
  const files = [platformCorim(), realmCorim(), lock].map((bytes) => {
    const reading = readEndorsements(bytes)
    return reading.kind === 'read' ? reading.value : expect.fail(reading.reason)
  })
  const { trustAnchors, endorsements } = joinEndorsements(files)
  expect([trustAnchors.length, endorsements.platforms.length, endorsements.realms.length]).toEqual([1, 1, 3])
})
