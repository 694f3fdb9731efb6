import { bufferMemory, ChannelEnd, cbor, cborOf } from '@mica/realm-sdk'
import { RunLoop } from '@mica/realm-sdk/runtime'
import { expect, test } from 'vitest'
import { openEnd } from '../src/endpoint.ts'
import { theWorker } from './build/realms/relay.mica.ts'
import { BenchPe, policyOf, turn } from './runtime/bench-pe.ts'

const isFrame = (value: unknown): value is { frame: number } =>
  typeof value === 'object' && value !== null && 'frame' in value && typeof value.frame === 'number'

function reading() {
  const memory = bufferMemory(new Uint8Array(4 * 4096))
  const loop = new RunLoop(new BenchPe({ policy: policyOf(1) }))
  const declaration = theWorker.channels.raw
  const writer = new ChannelEnd(memory, declaration, 'gate')
  const { channel } = openEnd(declaration, new ChannelEnd(memory, declaration, 'the-worker'), loop)
  return { writer, channel, loop }
}

test('a codec gives messages a type, and what it does not accept is skipped and shown', async () => {
  const { writer, channel, loop } = reading()
  const malformed: Uint8Array[] = []
  const frames: number[] = []
  for (const message of [{ frame: 1 }, { frame: 'two' }, { frame: 3 }]) writer.trySend(cbor.encode(message))
  writer.trySend(Uint8Array.of(0xff))
  writer.tryClose()
  const done = (async () => {
    const typed = channel.as(cborOf(isFrame))
    for await (const { frame } of typed.receive({ onMalformed: (bytes) => malformed.push(bytes) })) frames.push(frame)
  })()
  await turn(() => loop.idle(), 5)
  await done
  expect(frames).toEqual([1, 3])
  expect(malformed).toEqual([cbor.encode({ frame: 'two' }), Uint8Array.of(0xff)])
  expect(channel.ended).toBe('closed')
})

test('a reader that is too slow is told what it lost before it gets the next message', async () => {
  const { writer, channel, loop } = reading()
  const order: (string | number)[] = []
  for (let number = 0; number < 100; number++) writer.trySend(Uint8Array.of(number))
  writer.tryClose()
  const done = (async () => {
    for await (const [number] of channel.receive({ onLost: (count) => order.push(`lost ${count}`) }))
      order.push(number!)
  })()
  await turn(() => loop.idle(), 5)
  await done
  const [first, next] = order
  expect(first).toBe(`lost ${next}`)
  expect(order.at(-1)).toBe(99)
  expect(order).toHaveLength(1 + 100 - channel.lost)
})

test('a writer without back pressure rests after half of its ring, so that a reader can follow', async () => {
  const memory = bufferMemory(new Uint8Array(4 * 4096))
  const loop = new RunLoop(new BenchPe({ policy: policyOf(1) }))
  const declaration = theWorker.channels.done
  const { channel } = openEnd(declaration, new ChannelEnd(memory, declaration, 'the-worker'), loop)
  const reader = new ChannelEnd(memory, declaration, 'gate')
  const large = new Uint8Array(50_000).map((_, index) => index)
  const sent = channel.send(large).then(() => channel.close())
  const got: Uint8Array[] = []
  for (let round = 0; round < 30; round++) {
    await turn(() => loop.idle(), 1)
    const message = reader.tryReceive()
    if (message !== undefined) got.push(message)
  }
  await sent
  expect(got).toEqual([large])
  expect(reader.lost).toBe(0)
  await expect(channel.send(large)).rejects.toThrow('closed')
})
