import { fileURLToPath } from 'node:url'
import type { Policy } from '@mica/policy'
import { ChannelEnd } from '@mica/realm-sdk'
import { buildRealm, type RealmImage } from '@mica/realm-sdk/build'
import { SessionClient, type StreamPart } from '@mica/realm-sdk/session'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gate } from '../build/realms/relay.mica.ts'
import { policyOf } from '../runtime/bench-pe.ts'
import { releasing } from '../session/transcript.ts'
import { MachineRoom } from './laboratory.ts'

const realm = (name: string): string => fileURLToPath(new URL(`../build/realms/${name}.ts`, import.meta.url))
const room = new MachineRoom()
afterAll(() => room.machine.stop())

let images: RealmImage[]
beforeAll(async () => {
  images = await Promise.all(['gate', 'worker'].map((name) => buildRealm(realm(name), { debug: true })))
  await room.machine.prepare(2)
})

/** The policy of a peer with the measurements of the images that were built. */
function measured(self: number): Policy {
  const policy = policyOf(self)
  return { ...policy, peers: policy.peers.map((peer, index) => ({ ...peer, rims: [images[index]!.rim] })) }
}

test('a stream goes through two measured Realms on the real machine, and the host never sees it', async () => {
  room.provideGroups()
  const realms = images.map(({ image }, index) => room.build(image, measured(index)))
  expect(realms.map((built) => room.rimOf(built))).toEqual(images.map(({ rim }) => Buffer.from(rim).toString('hex')))

  const nic = new ChannelEnd(room.hostMemory('nic'), gate.channels.nic, 'host')
  const nonce = new Uint8Array(32).fill(8)
  const client = new SessionClient({
    nonce,
    approve: releasing(new Uint8Array(32).fill(6)),
  })
  const marker = new TextEncoder().encode('nobody outside may read this line')
  const plain = Uint8Array.from({ length: 20_000 }, (_, index) => marker[index % marker.length]!)
  client.write(plain)
  client.end()

  const received: StreamPart[] = []
  let waiting: Uint8Array | undefined
  let carried = false
  let seen = false
  const off = await room.run(realms, 3000, async () => {
    waiting ??= client.takeMessage()
    if (waiting !== undefined && nic.trySend(waiting)) waiting = undefined
    nic.flush()
    carried ||= room.normalWorldContains(nonce)
    for (let message = nic.tryReceive(); message !== undefined; message = nic.tryReceive())
      await client.receive(message)
    for (let part = client.takePart(); part !== undefined; part = client.takePart()) received.push(part)
    if (received.length === 1 && !seen) seen = room.normalWorldContains(marker)
  })
  expect(room.events.filter(({ event }) => event === 'halt')).toEqual([])
  expect(client.state).toBe('open')
  expect(off).toBe(true)
  expect(received.at(-1)).toEqual({ kind: 'end' })
  const bytes = received.flatMap((part) => (part.kind === 'data' ? [...part.bytes] : []))
  expect(Buffer.from(bytes.map((byte) => byte ^ 0xff)).equals(Buffer.from(plain))).toBe(true)
  // What the host does carry is found, so what is not found is not there.
  expect(carried).toBe(true)
  expect(seen).toBe(false)
  expect(room.normalWorldContains(marker)).toBe(false)
})
