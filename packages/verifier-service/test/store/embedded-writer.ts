/** A process to kill: answers sessions in the folder that it is given for ever, and prints the id of each answer stored. */
import { randomUUID } from 'node:crypto'
import { openEmbedded } from '../../src/index.ts'

const store = await openEmbedded({ folder: process.argv[2]!, sweepEveryMs: 0 })
const digest = new Uint8Array(32)
for (;;) {
  const id = randomUUID()
  await store.createSession({ id, nonce: new Uint8Array(32), expiresAt: Date.now() + 150_000 }, 10_000, Date.now())
  await store.claimSession(id, digest, Date.now())
  const evidence = new Uint8Array(3000)
  await store.finishSession(id, digest, { state: 'complete', evidenceType: 'x/y', evidence, result: `answer ${id}` })
  console.log(id)
}
