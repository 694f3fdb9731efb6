import { expect, test } from 'vitest'
import { guestRandomKey, monitorRandomKey, RandomNumbers } from '../../src/pe/random.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const seed = new Uint8Array(32).fill(3)

test('random numbers are the same however many are drawn at once, and go on where they ended', () => {
  const drawn = (...lengths: number[]): string => {
    const numbers = new RandomNumbers(monitorRandomKey(seed))
    return lengths.map((length) => hex(numbers.bytes(length))).join('')
  }
  expect(drawn(200)).toBe(drawn(1, 63, 0, 64, 72))
  expect(drawn(32, 32).slice(0, 64)).not.toBe(drawn(32, 32).slice(64))
})

test('what the monitor draws follows from the seed, and is nothing that a guest draws', () => {
  const first = (key: Uint8Array): string => hex(new RandomNumbers(key).bytes(32))
  expect(first(monitorRandomKey(seed))).toBe(first(monitorRandomKey(seed)))
  const keys = [
    monitorRandomKey(seed),
    monitorRandomKey(new Uint8Array(32)),
    guestRandomKey(seed, '0x0', 0),
    guestRandomKey(seed, '0x0', 1),
    guestRandomKey(seed, '0x1000', 0),
  ]
  expect(new Set(keys.map(first)).size).toBe(keys.length)
})
