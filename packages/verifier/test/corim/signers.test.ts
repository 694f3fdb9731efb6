import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyFromSpki } from '../../src/cose/spki.ts'
import { readSigners } from '../../src/index.ts'
import { certificate, party } from '../x509/certificates.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
const der = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
const key = keyFromSpki(der)
const authority = party('authority')
const root = certificate(authority, authority, true)
const pemOf = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64')}\n-----END ${label}-----\n`

describe('who may sign endorsements is read from', () => {
  test.each([
    { form: 'PEM', bytes: utf8(pem) },
    { form: 'DER', bytes: der },
    { form: 'JWK', bytes: utf8(JSON.stringify(publicKey.export({ format: 'jwk' }))) },
  ])('a public key as $form', ({ bytes }) => {
    expect(readSigners(bytes)).toEqual({ kind: 'read', value: { keys: [key], roots: [] } })
  })

  test('certificates, one in DER, or several in PEM, beside keys', () => {
    expect(readSigners(root)).toEqual({ kind: 'read', value: { keys: [], roots: [root] } })
    const many = `\n${pemOf('CERTIFICATE', root)}\n${pem}${pemOf('CERTIFICATE', root)}`
    expect(readSigners(utf8(many))).toEqual({ kind: 'read', value: { keys: [key], roots: [root, root] } })
  })
})

test('a file that says nothing of signers is refused with what it is', () => {
  const reason = (bytes: Uint8Array): string => {
    const reading = readSigners(bytes)
    return reading.kind === 'refused' ? reading.reason : 'read'
  }
  expect(reason(utf8('hello'))).toBe('it is neither PEM, JWK nor DER')
  expect(reason(new Uint8Array())).toBe('it is neither PEM, JWK nor DER')
  expect(reason(Uint8Array.of(0xff, 0xfe))).toBe('it is neither PEM, JWK nor DER')
  expect(reason(utf8('{}'))).toBe('it is no JWK of an EC public key')
  const secret = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  expect(reason(utf8(secret))).toBe('a `PRIVATE KEY` says nothing of who may sign')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  expect(reason(utf8(rsa.export({ format: 'pem', type: 'spki' }).toString()))).toBe('a public key in it is not EC')
  expect(reason(utf8(pemOf('CERTIFICATE', der)))).toBe('a certificate in it cannot be read')
  expect(reason(root.slice(1))).toBe('it is neither PEM, JWK nor DER')
})
