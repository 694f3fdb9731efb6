import { defineRealm } from '@mica/realm-sdk'
import { readAll, serveSession } from '@mica/realm-sdk/session'
import { gate } from './relay.mica.ts'

/** Takes a stream from its client, has the worker change it piece by piece, and returns it. */
export default defineRealm(gate, async ({ channels, attestGroup, entropy }) => {
  const outcome = await serveSession(channels.nic, { attestGroup, entropy })
  if (outcome.kind !== 'open') return
  const { session } = outcome
  const stream = await readAll(session.receive(), 2 ** 20)
  if (stream.kind !== 'complete') return session.fail(`the stream is ${stream.kind}`)
  const changed = channels.done.receive()
  for (let offset = 0; offset < stream.bytes.length; offset += 3000) {
    await channels.raw.send(stream.bytes.subarray(offset, offset + 3000))
    const next = await changed.next()
    if (next.done === true) return session.fail('the worker is gone')
    await session.send(next.value)
  }
  await channels.raw.close()
  await session.end()
})
