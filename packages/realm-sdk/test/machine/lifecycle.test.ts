import { fileURLToPath } from 'node:url'
import { type Memory, type Policy, RIGHT } from '@mica/policy'
import { buildRealm } from '@mica/realm-sdk/build'
import { expect, test } from 'vitest'
import { MachineRoom } from './laboratory.ts'

const oneWay = (name: string, from: number, to: number, ipaGranule: number, paced: boolean): Memory => ({
  name,
  kind: 'protected',
  granules: 4,
  mappings: [
    { peer: from, rights: RIGHT.write, ipaGranule },
    { peer: to, rights: RIGHT.read, ipaGranule },
  ],
  paced,
})

const realm = (name: string) => fileURLToPath(new URL(`../build/realms/${name}.ts`, import.meta.url))

/** Runs a teller and a listener on a machine of their own until both are off; what either throws fails the test. */
async function play(teller: string, listener: string): Promise<MachineRoom> {
  const room = new MachineRoom()
  try {
    const images = await Promise.all([teller, listener].map((name) => buildRealm(realm(name), { debug: true })))
    const policy = (self: number): Policy => ({
      self,
      peers: ['teller', 'listener'].map((name, index) => {
        return { name, gateway: false, strict: true, rims: [images[index]!.rim] }
      }),
      memories: [oneWay('news', 0, 1, 512, true), oneWay('replies', 1, 0, 1024, false)],
      transitions: [],
    })
    room.provideGroups()
    await room.machine.prepare(2)
    const realms = images.map(({ image }, index) => room.build(image, policy(index)))
    // The listener first: who is not there yet is not notified.
    const off = await room.run(realms.reverse(), 3000)
    expect(room.events.filter(({ event }) => event === 'halt')).toEqual([])
    expect(off).toBe(true)
    return room
  } finally {
    await room.machine.stop()
  }
}

/** How often a call of the extension was made, and how often it succeeded. */
const calls = ({ events }: MachineRoom, name: string): readonly [made: number, succeeded: number] => {
  const made = events.filter(({ event, command }) => event === 'rsi' && command === `RSI_MICA_${name}`)
  return [made.length, made.filter(({ status }) => status === 'RSI_SUCCESS').length]
}

test('a measured Realm is notified, asks how it stands, leaves and returns; its peer finds all of it', async () => {
  const room = await play('teller', 'listener')
  for (const name of ['NOTIFY', 'POLICY_STATUS', 'LEAVE', 'REJOIN']) expect(calls(room, name)[1]).toBeGreaterThan(0)
})

test('on a paced channel a writer in a hurry loses nothing: the reader’s credit lets it on, at most one a quantum', async () => {
  const room = await play('hurrying-teller', 'idle-listener')
  const [, given] = calls(room, 'CREDIT')
  // 60 messages are 114 slots; a credit stands for 7 of the 15 in the ring.
  expect(given).toBeGreaterThanOrEqual(Math.ceil((114 - 15) / 7))
  expect(given).toBeLessThanOrEqual(Math.floor(115 / 7))
})

test('who leaves, comes back, or does not read in time is noticed by its peer, and nobody waits for ever', async () => {
  await play('fickle-teller', 'patient-listener')
})
