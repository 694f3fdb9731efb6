import { defineRealm } from '@mica/realm-sdk'
import { source } from './throughput.mica.ts'

export const MESSAGE = 65_536
export const MESSAGES = 512

/** Sends the same message again and again. */
export default defineRealm(source, async ({ channels }) => {
  const message = new Uint8Array(MESSAGE).fill(0x6d)
  for (let count = 0; count < MESSAGES; count++) await channels.data.send(message)
})
