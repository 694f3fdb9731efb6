import { cborOf, defineRealm } from '@mica/realm-sdk'
import { listener } from './gazette.mica.ts'

const reply = cborOf((value): value is string => typeof value === 'string')

/** Waits for news, and tries on the way all that a member can do about a channel. */
export default defineRealm(listener, async ({ channels, status, leave, rejoin }) => {
  const replies = channels.replies.as(reply)
  const news = channels.news.receive()
  await news.next()
  await replies.send(status().notified.join())
  leave('news')
  await replies.send(`holds ${status().held}`)
  await replies.send(
    await news.next().then(
      () => 'access',
      () => 'no access',
    ),
  )
  rejoin('news')
  await replies.send(`holds ${status().held}`)
  leave('news')
  let answer = 'at once'
  try {
    rejoin('news')
  } catch (failure) {
    answer = failure instanceof Error && failure.name === 'RsiError' ? 'too early' : `${failure}`
  }
  await replies.send(answer)
})
