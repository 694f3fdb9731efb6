import { defineRealm } from '@mica/realm-sdk'
import { teller } from './gazette.mica.ts'

/** Sends far more than the ring has room for, without a pause, in messages of one slot and of many. */
export default defineRealm(teller, async ({ channels }) => {
  for (let number = 0; number < 60; number++) {
    const message = new Uint8Array(number % 10 === 0 ? 9000 : 40).fill(number)
    await channels.news.send(message)
  }
})
