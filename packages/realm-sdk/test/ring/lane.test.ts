import fc from 'fast-check'
import { expect, test } from 'vitest'
import { divideLanes, slotOffset } from '../../src/ring/lane.ts'

test('lanes of one memory neither overlap nor leave it, and all their slots lie inside them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 5 }), (granules, writers) => {
      const length = granules * 4096
      const lanes = divideLanes(length, writers)
      expect(lanes).toHaveLength(writers)
      lanes.forEach((lane, index) => {
        const end = lanes[index + 1]?.offset ?? length
        expect([256, 512, 1024, 2048, 4096]).toContain(lane.slotSize)
        for (let sequence = 1; sequence <= lane.slots * 2; sequence++) {
          const offset = slotOffset(lane, sequence)
          if (offset < lane.offset + lane.slotSize || offset + lane.slotSize > end) expect.fail(`slot ${sequence}`)
        }
      })
    }),
    { numRuns: 50 },
  )
})

test('slots next to each other in number never share a place within one ring', () => {
  const [lane] = divideLanes(64 * 4096, 1)
  const offsets = Array.from({ length: lane!.slots }, (_, index) => slotOffset(lane!, index + 1))
  expect(new Set(offsets).size).toBe(lane!.slots)
})

test('a memory too small for its writers is a mistake of who declares it', () => {
  expect(() => divideLanes(4096, 9)).toThrow(RangeError)
})
