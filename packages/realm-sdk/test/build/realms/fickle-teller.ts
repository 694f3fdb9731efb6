import { defineRealm } from '@mica/realm-sdk'
import { teller } from './gazette.mica.ts'

/** Goes and comes back; runs out of time because nobody reads; and writes to somebody who has gone. */
export default defineRealm(teller, async ({ channels, leave, rejoin }) => {
  const { news, replies } = channels
  const heard = replies.receive()
  await news.send(Uint8Array.of(1))
  leave('news')
  await heard.next()
  rejoin('news')
  await news.send(Uint8Array.of(2))
  await heard.next()
  // More than the ring has room for.
  const large = new Uint8Array(5 * 4096)
  await failsWith(news.send(large, { timeoutMs: 100 }), 'TimeoutError')
  await news.send(Uint8Array.of(3))
  await failsWith(news.send(large), 'everybody else has left channel news')
  // A plain channel overwrote what was sent meanwhile, and says so.
  let told = 0
  const onLost = (count: number): void => {
    told += count
  }
  for await (const _ of replies.receive({ onLost }));
  if (replies.ended !== 'closed' || replies.lost === 0 || told === 0) throw new Error(`${replies.ended}, ${told} lost`)
})

async function failsWith(result: Promise<unknown>, expected: string): Promise<void> {
  const found = await result.then(() => 'it worked', String)
  if (!found.includes(expected)) throw new Error(`${found}, instead of ${expected}`)
}
