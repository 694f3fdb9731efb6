import { defineRealm } from '@mica/realm-sdk'
import { listener } from './gazette.mica.ts'

/** Finds the teller gone, and back; runs out of time; reads nothing for long; and goes without a word. */
export default defineRealm(listener, async ({ channels }) => {
  const { news, replies } = channels
  const first: unknown[] = []
  for await (const [value] of news.receive()) first.push(value)
  expect(`${first} ${news.ended}`, '1 left')
  await replies.send(Uint8Array.of(1))
  const second = news.receive({ timeoutMs: 50 })
  expect((await second.next()).value?.[0], 2)
  expect(await second.next().then(() => 'news', String), 'TimeoutError: nothing came in 50 ms of this Realm’s time')
  await replies.send(Uint8Array.of(2))
  // Longer than the teller waits for room.
  for (let turn = 0; turn < 120; turn++) await replies.send(new Uint8Array(9000))
  expect((await news.receive().next()).value?.[0], 3)
  expect(news.lost, 1)
})

function expect(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${String(found)}, instead of ${String(expected)}`)
}
