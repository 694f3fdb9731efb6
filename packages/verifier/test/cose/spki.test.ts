import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyFromJwk } from '../../src/cose/key.ts'
import { keyFromPem, keyFromSpki, keyToJwk } from '../../src/cose/spki.ts'
import type { EcJwk } from '../../src/index.ts'

describe.each(['P-256', 'P-384', 'P-521'])('a public key of %s', (namedCurve) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve })
  const der = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const key = keyFromJwk(publicKey.export({ format: 'jwk' }) as unknown as EcJwk)!

  test('is the same from DER, PEM and JWK', () => {
    expect(keyFromSpki(der)).toEqual(key)
    expect(keyFromPem(pem)).toEqual(key)
    expect(keyFromPem(`\r\n${pem.replaceAll('\n', '\r\n')}\n`)).toEqual(key)
    expect(keyFromJwk(keyToJwk(key))).toEqual(key)
  })

  test('is none with anything cut off, added or changed before its point', () => {
    expect(keyFromSpki(der.slice(0, -1))).toBeUndefined()
    expect(keyFromSpki(Uint8Array.of(...der, 0))).toBeUndefined()
    for (let at = 0; at < der.length - 2 * key.x.length; at++) {
      const mutant = der.slice()
      mutant[at]! ^= 1
      expect(keyFromSpki(mutant)).toBeUndefined()
    }
  })
})

test('text that is no PEM of one public key gives no key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const pkcs8 = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  for (const bad of ['', 'x', pkcs8, pem + pem, `x${pem}`, pem.replace('PUBLIC', 'EC PUBLIC'), pem.replace('M', '!')])
    expect(keyFromPem(bad)).toBeUndefined()
})
