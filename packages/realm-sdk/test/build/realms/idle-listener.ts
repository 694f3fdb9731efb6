import { defineRealm } from '@mica/realm-sdk'
import { listener } from './gazette.mica.ts'

/** Reads news now and then, and must find all of it. */
export default defineRealm(listener, async ({ channels }) => {
  const { news, replies } = channels
  let next = 0
  for await (const message of news.receive({ onLost: (count) => fail(`${count} lost`) })) {
    const length = next % 10 === 0 ? 9000 : 40
    if (message.length !== length || message.some((byte) => byte !== next)) fail(`message ${next} is another`)
    next++
    // Nobody sends replies: so this takes some time, in which the teller would write on if it could.
    if (next % 20 === 0) for (let turn = 0; turn < 40; turn++) await replies.send(new Uint8Array(9000))
  }
  if (next !== 60 || news.lost !== 0 || news.ended !== 'closed')
    fail(`${next} messages, ${news.lost} lost, ${news.ended}`)
})

function fail(what: string): never {
  throw new Error(what)
}
