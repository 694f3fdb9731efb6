import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { LeakSearch } from '../../src/run/leak-search.ts'

function searching(secret: Uint8Array): LeakSearch {
  const search = new LeakSearch()
  search.add('frame', secret)
  return search
}

describe('searching for pieces of a secret', () => {
  const secret = randomBytes(4096)

  test('any 31 bytes of it are found, at any offset of either side', () => {
    for (let from = 0; from < 64; from++) {
      const seen = new Uint8Array(randomBytes(1000))
      seen.set(secret.subarray(from, from + 31), 100 + from)
      expect(searching(secret).search([seen]), `from ${from}`).toHaveLength(1)
    }
  })

  test('says which of the byte strings holds it, and which secret it is', () => {
    const [leak] = searching(secret).search([randomBytes(500), secret.subarray(512, 600)])
    expect(leak).toEqual({ where: 1, offset: 0, secret: 'frame' })
  })

  test('random bytes are not taken for it', () => {
    expect(searching(secret).search([randomBytes(2 ** 20)])).toEqual([])
  })

  test('padding of a secret counts as nothing', () => {
    expect(searching(new Uint8Array(4096)).search([new Uint8Array(4096)])).toEqual([])
  })

  test('a piece is found wherever it stands in memory that is otherwise unwritten, zeroes in front of it included', () => {
    const piece = secret.subarray(0, 16)
    const afterZeroes = new Uint8Array(16)
    afterZeroes.set([1, 2, 3, 4, 5, 6, 7, 8], 8)
    for (const fragment of [piece, afterZeroes]) {
      for (const at of [0, 1, 4080, 4081, 4088, 4095, 4096, 8191, 12_288 - 16]) {
        const memory = new Uint8Array(12_288)
        memory.set(fragment, at)
        expect(searching(fragment).search([memory]), `at ${at}`).toEqual([{ where: 0, offset: at, secret: 'frame' }])
      }
    }
  })
})
