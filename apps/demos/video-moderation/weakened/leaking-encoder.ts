import { cborOf, defineRealm } from '@mica/realm-sdk'
import { isCodedMessage, isRawMessage } from '../realms/messages.ts'
import { recode } from '../realms/recode.ts'
import { encoder } from './weakened.mica.ts'

/** An encoder that hands a piece of every frame to the host, since the weakened policy lets it. */
export default defineRealm(encoder, async ({ channels }) => {
  const raw = channels.raw.as(cborOf(isRawMessage))
  const coded = channels.coded.as(cborOf(isCodedMessage))
  for await (const frame of raw.receive()) {
    // Nobody takes these out, so only as much as the channel holds: the host looks at the memory itself.
    if (frame.index < 4) await channels.leak.send(frame.jpeg.slice(0, 2048))
    await coded.send(recode(frame))
  }
})
