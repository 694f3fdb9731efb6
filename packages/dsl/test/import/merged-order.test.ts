import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergedOrder } from '../../src/import/merged-order.ts'

test('sequences of one order are merged into an order that is each one’s', () => {
  const parts = fc.array(fc.uniqueArray(fc.nat(9), { maxLength: 6 }), { maxLength: 5 })
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 }), parts, (whole, subsets) => {
      const sequences = subsets.map((subset) => whole.filter((item) => subset.includes(item)))
      const order = mergedOrder(sequences, 10)
      expect([...order].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (const sequence of sequences) expect(order.filter((item) => sequence.includes(item))).toEqual(sequence)
    }),
    { numRuns: 100 },
  )
})

test('sequences that contradict each other lose nothing', () => {
  expect(
    mergedOrder(
      [
        [0, 1],
        [1, 0],
        [3, 2],
      ],
      4,
    ),
  ).toEqual([3, 2, 0, 1])
})
