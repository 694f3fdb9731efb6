import { cborOf, defineRealm } from '@mica/realm-sdk'
import { readAll, serveSession, type WholeStream } from '@mica/realm-sdk/session'
import { gate } from '../pipeline.mica.ts'
import { AVI_LIMITS } from './avi.ts'
import { isCleanMessage, isRawMessage } from './messages.ts'
import { runPipeline } from './run-pipeline.ts'

/**
 * The gate: shows the client what the group is, and once the client has released its key, takes its clip, has it
 * moderated and gives it back. Outside of the group the clip is encrypted in both directions.
 *
 * The clip that goes back holds the summary of what was done; a clip that could not be moderated is answered with the
 * reason, and both only the client can read.
 */
export default defineRealm(gate, async ({ channels, attestGroup, entropy }) => {
  const outcome = await serveSession(channels.nic, { attestGroup, entropy })
  if (outcome.kind !== 'open') return
  const { session } = outcome
  const input = await readAll(session.receive(), AVI_LIMITS.bytes)
  if (input.kind !== 'complete') return session.fail(reasonOf(input))
  const result = await runPipeline(input.bytes, {
    raw: channels.raw.as(cborOf(isRawMessage)),
    clean: channels.clean.as(cborOf(isCleanMessage)),
  })
  if (result.kind === 'refused') return session.fail(result.reason)
  await session.send(result.avi)
  await session.end()
})

function reasonOf(input: Exclude<WholeStream, { readonly kind: 'complete' }>): string {
  switch (input.kind) {
    case 'too-long':
      return `the clip is longer than ${AVI_LIMITS.bytes} bytes`
    case 'failed':
      return 'the client broke off'
    case 'broken':
      return `the clip did not arrive as it was sent: it was ${input.reason}`
  }
}
