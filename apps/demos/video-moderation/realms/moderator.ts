import { cborOf, defineRealm } from '@mica/realm-sdk'
import { moderator } from '../pipeline.mica.ts'
import { isCleanMessage, isCodedMessage } from './messages.ts'
import { moderate } from './moderate.ts'

/** The moderator: every frame leaves it without recognizable skin, and with a report of what was done to it. */
export default defineRealm(moderator, async ({ channels }) => {
  const coded = channels.coded.as(cborOf(isCodedMessage))
  const clean = channels.clean.as(cborOf(isCleanMessage))
  for await (const frame of coded.receive()) await clean.send(moderate(frame))
})
