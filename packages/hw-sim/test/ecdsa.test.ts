import { createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { p384Scalar, signP384 } from '../src/ecdsa.ts'

// RFC 6979, appendix A.2.6: P-384.
const KEY = '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5'
const X = 'ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13'
const Y = '8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720'

const key = Uint8Array.from(Buffer.from(KEY, 'hex'))
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))
const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')

test.each([
  [
    'sample',
    '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
    '99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
  ],
  [
    'test',
    '8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db',
    'ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5',
  ],
])('the signature of %j is the one RFC 6979 gives', (message, r, s) => {
  expect(Buffer.from(signP384(key, text(message))).toString('hex')).toBe(r + s)
})

test('signatures verify with the public key, and only for their message', () => {
  const publicKey = createPublicKey({
    key: { kty: 'EC', crv: 'P-384', x: base64url(X), y: base64url(Y) },
    format: 'jwk',
  })
  for (let round = 0; round < 8; round++) {
    const signature = signP384(key, text(`message ${round}`))
    const check = (message: string): boolean =>
      verify('sha384', text(message), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
    expect([check(`message ${round}`), check('another')]).toEqual([true, false])
  }
})

test('a scalar is 48 bytes and never zero', () => {
  expect(p384Scalar(new Uint8Array(72))).toEqual(Uint8Array.from({ length: 48 }, (_, index) => Number(index === 47)))
  expect(p384Scalar(new Uint8Array(72).fill(0xff)).length).toBe(48)
})
