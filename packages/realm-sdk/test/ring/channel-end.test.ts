import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bufferMemory } from '../../src/memory.ts'
import { ChannelEnd } from '../../src/ring/channel-end.ts'
import { divideLanes, slotOffset } from '../../src/ring/lane.ts'
import { SLOT } from '../../src/ring/slot.ts'
import { delayedStores, interruptedMemory, recognizable } from './scripted-memory.ts'

const oneWay = { writers: ['a'], readers: ['b'] }
const twoWay = { writers: ['a', 'b'], readers: ['a', 'b'] }

function ends(bytes: Uint8Array, declaration: typeof oneWay, messageLimit?: number): { a: ChannelEnd; b: ChannelEnd } {
  const memory = bufferMemory(bytes)
  return { a: new ChannelEnd(memory, declaration, 'a'), b: new ChannelEnd(memory, declaration, 'b', { messageLimit }) }
}

test('messages of any length arrive whole and in order while the reader keeps up', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 }), (lengths) => {
      const { a, b } = ends(new Uint8Array(8192), oneWay)
      lengths.forEach((length, number) => {
        const message = recognizable(number, length)
        expect(a.trySend(message)).toBe(true)
        expect(equal(b.tryReceive() ?? new Uint8Array(1), message)).toBe(true)
      })
      expect(b.tryReceive()).toBeUndefined()
      expect(b.lost).toBe(0)
    }),
    { numRuns: 50 },
  )
})

test('of messages that were overwritten unread the reader learns how many, and nothing it delivers is torn', () => {
  const step = fc.oneof(
    fc.record({ send: fc.integer({ min: 0, max: 1500 }) }),
    fc.record({ receive: fc.integer({ min: 1, max: 4 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { a, b } = ends(new Uint8Array(4096), oneWay)
      const sent: Uint8Array[] = []
      let delivered = 0
      let last = -1
      const take = (): boolean => {
        const message = b.tryReceive()
        if (message === undefined) return false
        const number = sent.findIndex((candidate, index) => index > last && equal(candidate, message))
        expect(number).toBeGreaterThan(last)
        last = number
        delivered++
        return true
      }
      for (const action of steps) {
        if ('send' in action) {
          const message = numbered(sent.length, action.send)
          sent.push(message)
          a.trySend(message)
        } else for (let i = 0; i < action.receive; i++) take()
      }
      a.tryClose()
      while (take()) {
        // Until everything that is still there has been read.
      }
      expect(b.poll()).toEqual({ kind: 'end', failed: false })
      expect(delivered + b.lost).toBe(sent.length)
    }),
  )
})

test('a writer that overtakes a reader in the middle of a copy never makes it deliver a torn message', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 8, maxLength: 60 }),
      // Words that the writer gets done between two accesses of the reader: sometimes it is ahead, sometimes behind.
      fc.infiniteStream(fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 3 }) }, fc.nat({ max: 60 }))),
      (lengths, pauses) => {
        const bytes = new Uint8Array(4096)
        const slow = delayedStores(bytes)
        const a = new ChannelEnd(slow.memory, oneWay, 'a')
        const sent: Uint8Array[] = []
        const write = (): void => {
          const { value: words = 0 } = pauses.next()
          for (let i = 0; i < words; i++) {
            if (slow.step()) continue
            const length = lengths[sent.length]
            if (length === undefined) return
            const message = numbered(sent.length, length)
            sent.push(message)
            a.trySend(message)
          }
        }
        const b = new ChannelEnd(interruptedMemory(bytes, write), oneWay, 'b')
        let last = -1
        for (let i = 0; i < 400; i++) {
          const message = b.tryReceive()
          if (message === undefined) continue
          const number = sent.findIndex((candidate, index) => index > last && equal(candidate, message))
          expect(number).toBeGreaterThan(last)
          last = number
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a reader of hostile memory neither throws, nor runs on, nor delivers more than its limit', () => {
  const word = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 16, 224, 0x1f_ffff, 0x7fff_ffff, 0xffff_ffff),
    fc.nat({ max: 0xffff_ffff }),
  )
  const poke = fc.record({ sequence: fc.integer({ min: 0, max: 40 }), field: fc.integer({ min: 0, max: 8 }), word })
  fc.assert(
    fc.property(fc.array(poke, { maxLength: 200 }), fc.uint8Array({ maxLength: 256 }), (pokes, noise) => {
      const bytes = new Uint8Array(4096)
      for (let offset = 0; offset < 4096; offset += noise.length || 4096)
        bytes.set(noise.subarray(0, 4096 - offset), offset)
      const memory = bufferMemory(bytes)
      const [lane] = divideLanes(4096, 1)
      const b = new ChannelEnd(memory, oneWay, 'b', { messageLimit: 1000 })
      for (const { sequence, field, word: value } of pokes) {
        memory.store32(slotOffset(lane!, sequence) + 4 * field, value)
        const reading = b.poll()
        if (reading.kind === 'message') expect(reading.bytes.length).toBeLessThanOrEqual(1000)
      }
    }),
    { numRuns: 300 },
  )
})

test('a slot whose number is right and whose content is impossible is passed over', () => {
  const bytes = new Uint8Array(4096)
  const { a, b } = ends(bytes, oneWay)
  const memory = bufferMemory(bytes)
  const [lane] = divideLanes(4096, 1)
  a.trySend(recognizable(0, 10))
  memory.store32(slotOffset(lane!, 1) + SLOT.length, 0xffff)
  a.trySend(recognizable(1, 10))
  expect(b.tryReceive()).toEqual(recognizable(1, 10))
  expect(b.lost).toBe(1)
})

test('a message longer than the limit is not put together and counts as lost', () => {
  const { a, b } = ends(new Uint8Array(8192), oneWay, 100)
  a.trySend(recognizable(0, 101))
  a.trySend(recognizable(1, 100))
  expect(b.tryReceive()).toEqual(recognizable(1, 100))
  expect(b.lost).toBe(1)
})

test('the writer of a one-way channel never reads it', () => {
  const plain = bufferMemory(new Uint8Array(4096))
  const refuse = (): never => {
    throw new Error('the right to write is not the right to read')
  }
  const a = new ChannelEnd({ ...plain, load: refuse, load32: refuse }, oneWay, 'a')
  for (let i = 0; i < 50; i++) expect(a.trySend(recognizable(i, 500))).toBe(true)
})

test('the reader of a one-way channel never writes it', () => {
  const bytes = new Uint8Array(4096)
  const plain = bufferMemory(bytes)
  const refuse = (): never => {
    throw new Error('the right to read is not the right to write')
  }
  new ChannelEnd(plain, oneWay, 'a').trySend(recognizable(3, 500))
  const b = new ChannelEnd({ ...plain, store: refuse, store32: refuse }, oneWay, 'b')
  expect(b.tryReceive()).toEqual(recognizable(3, 500))
})

test('where both ends read and write nothing is lost, however the ends take turns', () => {
  const step = fc.oneof(
    fc.record({ from: fc.constantFrom('a' as const, 'b' as const), length: fc.integer({ min: 0, max: 6000 }) }),
    fc.record({ at: fc.constantFrom('a' as const, 'b' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const both = ends(new Uint8Array(4096), twoWay)
      const sent: Record<'a' | 'b', Uint8Array[]> = { a: [], b: [] }
      const got: Record<'a' | 'b', Uint8Array[]> = { a: [], b: [] }
      const receive = (at: 'a' | 'b'): void => {
        both[at].flush()
        const message = both[at].tryReceive()
        if (message !== undefined) got[at].push(message)
      }
      for (const action of steps) {
        if ('at' in action) receive(action.at)
        else {
          const message = recognizable(sent[action.from].length, action.length)
          if (both[action.from].trySend(message)) sent[action.from].push(message)
        }
      }
      for (let i = 0; i < 600; i++) receive(i % 2 === 0 ? 'a' : 'b')
      expect(got.b.map(String)).toEqual(sent.a.map(String))
      expect(got.a.map(String)).toEqual(sent.b.map(String))
      expect(both.a.lost + both.b.lost).toBe(0)
    }),
    { numRuns: 40 },
  )
})

test('on a paced channel nothing is lost, whenever credit may be given, and no more is given than was read', () => {
  const step = fc.oneof(
    fc.record({ send: fc.integer({ min: 0, max: 3000 }) }),
    fc.constant('receive' as const),
    fc.constant('carry' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const memory = bufferMemory(new Uint8Array(4096))
      const carried = { owed: 0, given: 0 }
      const credit = {
        received: () => carried.given,
        owe(credits: number) {
          carried.owed = credits
        },
      }
      const paced = { ...oneWay, paced: true }
      const a = new ChannelEnd(memory, paced, 'a', { credit })
      const b = new ChannelEnd(memory, paced, 'b', { credit })
      const [sent, got]: Uint8Array[][] = [[], []]
      const receive = (): void => {
        a.flush()
        const message = b.tryReceive()
        if (message !== undefined) got!.push(message)
      }
      const carry = (): void => {
        if (carried.given < carried.owed) carried.given++
      }
      for (const action of steps) {
        if (action === 'receive') receive()
        else if (action === 'carry') carry()
        else {
          const message = recognizable(sent!.length, action.send)
          if (a.trySend(message)) sent!.push(message)
        }
      }
      for (let i = 0; i < 600; i++) {
        receive()
        if (i % 3 === 0) carry()
      }
      expect(got!.map(String)).toEqual(sent!.map(String))
      expect(b.lost).toBe(0)
      const slots = sent!.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / 224)), 0)
      expect(carried.given).toBe(Math.floor(slots / 7))
    }),
    { numRuns: 40 },
  )
})

test('a message that a writer gives up is lost to its reader, and the next one arrives', () => {
  const { a, b } = ends(new Uint8Array(4096), twoWay)
  // More than the lane has room for, and nobody reads.
  a.trySend(recognizable(1, 6000))
  a.writer!.abandon()
  for (let i = 0; i < 40; i++) b.poll()
  expect(a.trySend(recognizable(2, 10))).toBe(true)
  expect(b.tryReceive()).toEqual(recognizable(2, 10))
  expect(b.lost).toBe(1)
})

test.each([
  ['several readers', { writers: ['a'], readers: ['b', 'c'], paced: true }],
  ['readers that nobody counts', { writers: ['a'], readers: ['any'], paced: true }],
  ['several writers', { writers: ['a', 'c'], readers: ['b'], paced: true }],
])('credit that %s give says nothing of one reader: such a channel overwrites', (_, declaration) => {
  const credit = { received: () => 0, owe: () => undefined }
  const end = new ChannelEnd(bufferMemory(new Uint8Array(4096)), declaration, 'a', { credit })
  expect(end.backPressure).toBeUndefined()
})

test('a hostile acknowledgement never makes a writer throw or leave its lane', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff_ffff }), { maxLength: 40 }), (claims) => {
      const bytes = new Uint8Array(4096)
      const memory = bufferMemory(bytes)
      const [mine, theirs] = divideLanes(4096, 2)
      const a = new ChannelEnd(memory, twoWay, 'a')
      for (const claim of claims) {
        memory.store32(theirs!.offset, claim)
        a.trySend(recognizable(claim, 400))
      }
      expect(bytes.subarray(theirs!.offset + 4).every((byte) => byte === 0)).toBe(true)
      expect(bytes.subarray(mine!.offset, mine!.offset + mine!.slotSize).every((byte) => byte === 0)).toBe(true)
    }),
  )
})

test('several writers of one memory have a lane each, and the reader takes from them in turn', () => {
  const declaration = { writers: ['a', 'c'], readers: ['b'] }
  const memory = bufferMemory(new Uint8Array(8192))
  const [a, c, b] = ['a', 'c', 'b'].map((name) => new ChannelEnd(memory, declaration, name))
  for (let i = 0; i < 3; i++) {
    a!.trySend(recognizable(i, 20))
    c!.trySend(recognizable(100 + i, 20))
  }
  const order = Array.from({ length: 6 }, () => b!.tryReceive())
  expect(order).toEqual([0, 100, 1, 101, 2, 102].map((number) => recognizable(number, 20)))
  a!.tryClose()
  expect(b!.poll().kind).toBe('nothing')
  c!.tryClose(true)
  expect(b!.poll()).toEqual({ kind: 'end', failed: true })
})

test('an end without the right to write says so instead of writing', () => {
  const { b } = ends(new Uint8Array(4096), oneWay)
  expect(() => b.trySend(new Uint8Array(1))).toThrow(TypeError)
})

/** As {@link recognizable}, and long enough to be told apart. */
function numbered(number: number, length: number): Uint8Array {
  const message = recognizable(number, length + 4)
  new DataView(message.buffer).setUint32(0, number, true)
  return message
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
