import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from '../src/base64.ts'
import { mintNonce } from '../src/nonce.ts'

test('both alphabets are read, padded or not, and nothing else is', () => {
  const bytes = Uint8Array.of(0xfb, 0xff, 0xbf, 0xff)
  for (const text of ['+/+//w==', '-_-__w==', '+/+//w', '-_-__w']) expect(fromBase64(text)).toEqual(bytes)
  expect(fromBase64('')).toEqual(new Uint8Array())
  for (const text of ['A', 'AAAAA', 'AA=', 'AAA==', 'AA==AA', 'A A=', 'AAAA====', '*']) {
    expect([text, fromBase64(text)]).toEqual([text, undefined])
  }
})

test('a minted nonce reads the same in either alphabet, whatever its size', () => {
  for (let size = 8; size <= 64; size++) {
    const nonce = mintNonce(size)
    expect(nonce).toHaveLength(size)
    expect(toBase64(nonce).replace(/=+$/, '')).toBe(Buffer.from(nonce).toString('base64url'))
  }
})
