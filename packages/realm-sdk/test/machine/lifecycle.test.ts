import { fileURLToPath } from 'node:url'
import { type Memory, type Policy, RIGHT } from '@mica/policy'
import { buildRealm } from '@mica/realm-sdk/build'
import { afterAll, expect, test } from 'vitest'
import { MachineRoom } from './laboratory.ts'

const room = new MachineRoom()
afterAll(() => room.machine.stop())

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

test('a measured Realm notifies, gives credit, asks how it stands, leaves and returns; its peer finds all of it', async () => {
  const realm = (name: string) => fileURLToPath(new URL(`../build/realms/${name}.ts`, import.meta.url))
  const images = await Promise.all(['teller', 'listener'].map((name) => buildRealm(realm(name), { debug: true })))
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
  const off = await room.run(realms.reverse(), 500)
  // The teller throws if it hears anything else than it should.
  expect(room.events.filter(({ event }) => event === 'halt')).toEqual([])
  expect(off).toBe(true)
  const calls = room.events.filter(({ event, command }) => event === 'rsi' && /MICA/.test(String(command)))
  expect(new Set(calls.map(({ command }) => command))).toEqual(
    new Set(['NOTIFY', 'CREDIT', 'POLICY_STATUS', 'CHANNEL_INFO', 'LEAVE', 'REJOIN'].map((name) => `RSI_MICA_${name}`)),
  )
})
