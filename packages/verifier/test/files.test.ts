import { expect, test } from 'vitest'
import { readLock } from '../src/endorsements/lock.ts'
import { readReferenceValues } from '../src/endorsements/reference-values.ts'
import { readTrustAnchors } from '../src/endorsements/trust-anchors.ts'
import { CPAK_P384, haveVectors, readVector } from './published-vectors.ts'

const text = (value: unknown): string => JSON.stringify(value)
const id = '11'.repeat(32)
const instance = `01${id}`
const anchor = { 'implementation-id': id, 'instance-id': instance, pkey: CPAK_P384 }

test('a lock file gives the measurement of each peer', () => {
  const read = readLock(
    text({ workflow: 'w', peers: { gate: { rim: `sha256:${id}` }, far: { rim: `sha512:${id}${id}` } } }),
  )
  expect(read.kind === 'read' && [...read.value.peers].map(([name, rims]) => [name, rims[0]!.length])).toEqual([
    ['gate', 32],
    ['far', 64],
  ])
})

test('a lock file with anything wrong is refused with the place', () => {
  for (const rim of ['', id, `sha256:${id}00`, `sha512:${id}`, `md5:${id}`, `sha256:${id}:`, 7]) {
    const read = readLock(text({ workflow: 'w', peers: { gate: { rim } } }))
    expect(read).toEqual({ kind: 'refused', reason: '`peers.gate.rim` is no sha256: or sha512: digest' })
  }
  for (const bad of ['', '[]', text({ peers: {} }), text({ workflow: 'w', peers: [] })])
    expect(readLock(bad).kind).toBe('refused')
})

test('a peer may be called like a member that every object inherits', () => {
  const read = readLock(`{"workflow":"w","peers":{"__proto__":{"rim":"sha256:${id}"}}}`)
  expect(read.kind === 'read' && read.value.peers.has('__proto__')).toBe(true)
})

test('a trust-anchor file is read as other tools write it; any mark but false revokes', () => {
  const read = readTrustAnchors(text([anchor, { ...anchor, name: 'mine', revoked: 'no' }]))
  expect(read).toMatchObject({
    kind: 'read',
    value: [
      { name: 'anchor 0', revoked: false },
      { name: 'mine', revoked: true },
    ],
  })
  for (const bad of [{ ...anchor, 'instance-id': id }, { ...anchor, pkey: { ...CPAK_P384, x: 'AA' } }, {}, null]) {
    expect(readTrustAnchors(text([anchor, bad])).kind).toBe('refused')
  }
})

test('reference values carry what a component is endorsed to enforce', () => {
  const component = { 'component-type': 'RMM', 'measurement-value': id, 'signer-id': id, enforces: ['p'] }
  const read = readReferenceValues(text({ platform: [{ 'implementation-id': id, 'sw-components': [component] }] }))
  expect(read).toMatchObject({
    kind: 'read',
    value: { realms: [], platforms: [{ components: [{ type: 'RMM', enforces: ['p'] }] }] },
  })
  for (const bad of [
    { ...component, enforces: 'p' },
    { ...component, 'signer-id': 'xx' },
    { ...component, 'component-type': 1 },
    { ...component, 'measurement-value': '11' },
    { ...component, 'signer-id': `${id}11` },
  ]) {
    expect(readReferenceValues(text({ platform: [{ 'implementation-id': id, 'sw-components': [bad] }] })).kind).toBe(
      'refused',
    )
  }
})

test('reference values of a Realm have the sizes that measurements have, and all four of those that it extends', () => {
  const kindOf = (realm: object) => readReferenceValues(text({ realm: [realm] })).kind
  const rems = [id, id, id, id]
  expect(kindOf({ 'initial-measurement': id, 'extensible-measurements': rems })).toBe('read')
  for (const bad of [
    { 'initial-measurement': '11' },
    { 'initial-measurement': id, 'extensible-measurements': rems.slice(1) },
    { 'initial-measurement': id, 'extensible-measurements': [...rems.slice(1), '11'] },
  ]) {
    expect(kindOf(bad)).toBe('refused')
  }
})

test.skipIf(!haveVectors)('published trust-anchor and reference-value files are read', () => {
  const file = (name: string): string => new TextDecoder().decode(readVector(`attestation/rust-ccatoken/${name}`))
  for (const name of ['ta.json', 'ta-tfa.json', 'ta-02-ok.json']) expect(readTrustAnchors(file(name)).kind).toBe('read')
  expect(readReferenceValues(file('rv.json'))).toMatchObject({
    kind: 'read',
    value: { realms: [{}], platforms: [{}, {}] },
  })
})
