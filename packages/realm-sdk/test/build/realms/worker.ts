import { defineRealm } from '@mica/realm-sdk'
import { theWorker } from './relay.mica.ts'

/** Sends back what it gets, every byte inverted. */
export default defineRealm(theWorker, async ({ channels }) => {
  for await (const message of channels.raw.receive()) {
    await channels.done.send(message.map((byte) => byte ^ 0xff))
  }
})
