import { expect, test } from 'vitest'
import { StoreKey } from '../src/store-key.ts'

const key = new StoreKey(new Uint8Array(32).fill(7))
const secret = new TextEncoder().encode('secret')
const record = { id: 'id', terms: 'terms', sealed: key.seal('id', 'terms', secret) }
const document = new TextEncoder().encode('document')
const kept = { mediaType: 'a/b', bytes: key.vouch('a/b', document) }

test('a secret is opened by the same key, with the id and terms it was sealed with, and by no other', () => {
  expect(key.open(record)).toEqual(secret)
  expect(key.open({ ...record, id: 'other' })).toBeUndefined()
  expect(key.open({ ...record, terms: 'other' })).toBeUndefined()
  expect(new StoreKey(new Uint8Array(32)).open(record)).toBeUndefined()
  for (let i = 0; i < record.sealed.length; i++) {
    const sealed = record.sealed.slice()
    sealed[i]! ^= 1
    expect(key.open({ ...record, sealed })).toBeUndefined()
    expect(key.open({ ...record, sealed: record.sealed.slice(0, i) })).toBeUndefined()
  }
})

test('the same secret is sealed differently each time', () => {
  expect(key.seal('id', 'terms', secret)).not.toEqual(record.sealed)
})

test('a document is vouched for with its type, and by the same key alone', () => {
  expect(key.vouched(kept)).toEqual(document)
  expect(key.vouched({ ...kept, mediaType: 'a/c' })).toBeUndefined()
  expect(new StoreKey(new Uint8Array(32)).vouched(kept)).toBeUndefined()
  for (let i = 0; i < kept.bytes.length; i++) {
    const bytes = kept.bytes.slice()
    bytes[i]! ^= 1
    expect(key.vouched({ ...kept, bytes })).toBeUndefined()
    expect(key.vouched({ ...kept, bytes: kept.bytes.slice(0, i) })).toBeUndefined()
  }
})

test('a key of another length is a mistake of the caller', () => {
  expect(() => new StoreKey(new Uint8Array(31))).toThrow(RangeError)
})
