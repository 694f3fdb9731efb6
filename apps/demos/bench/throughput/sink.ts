import { defineRealm } from '@mica/realm-sdk'
import { sink } from './throughput.mica.ts'

/** Tells the host when the first message arrives, and how many bytes there were after the last. */
export default defineRealm(sink, async ({ channels }) => {
  let bytes = 0
  for await (const message of channels.data.receive()) {
    if (bytes === 0) await channels.nic.send(new Uint8Array(1))
    bytes += message.length
  }
  const total = new Uint8Array(4)
  new DataView(total.buffer).setUint32(0, bytes, true)
  await channels.nic.send(total)
})
