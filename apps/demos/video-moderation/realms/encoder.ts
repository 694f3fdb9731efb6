import { cborOf, defineRealm } from '@mica/realm-sdk'
import { encoder } from '../pipeline.mica.ts'
import { isCodedMessage, isRawMessage } from './messages.ts'
import { recode } from './recode.ts'

/** The encoder: makes every frame smaller. It has nowhere to send them but to the moderator. */
export default defineRealm(encoder, async ({ channels }) => {
  const raw = channels.raw.as(cborOf(isRawMessage))
  const coded = channels.coded.as(cborOf(isCodedMessage))
  for await (const frame of raw.receive()) await coded.send(recode(frame))
})
