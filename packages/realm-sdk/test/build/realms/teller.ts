import { cborOf, defineRealm } from '@mica/realm-sdk'
import { teller } from './gazette.mica.ts'

/** What the listener found, in the order in which it did. */
const FOUND = ['news', 'holds 1', 'no access', 'holds 2', 'too early']

const reply = cborOf((value): value is string => typeof value === 'string')

/** Tells one piece of news and hears what the listener could do about it; throws if that is not what it should be. */
export default defineRealm(teller, async ({ channels, status }) => {
  await channels.news.send(Uint8Array.of(1))
  const heard: string[] = []
  for await (const found of channels.replies.as(reply).receive()) heard.push(found)
  if (heard.join() !== FOUND.join()) throw new Error(`the listener found ${heard.join()}`)
  const { notified, channels: count, held, missingPages } = status()
  if (notified.join() !== 'replies' || count !== 2 || held !== 2 || missingPages !== 0)
    throw new Error('another status')
})
