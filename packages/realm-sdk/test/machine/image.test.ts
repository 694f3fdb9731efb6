import { fileURLToPath } from 'node:url'
import { buildRealm } from '@mica/realm-sdk/build'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MachineRoom } from './laboratory.ts'

const room = new MachineRoom()
beforeAll(() => room.machine.prepare(2))
afterAll(() => room.machine.stop())
const realm = (name: string): string => fileURLToPath(new URL(`../build/realms/${name}.ts`, import.meta.url))
const halts = (): unknown[] => room.events.filter(({ event }) => event === 'halt')

test('an image finds in its compartment what the libraries bundled into it expect', async () => {
  const { image } = await buildRealm(realm('libraries'), { bare: true })
  const built = room.buildAlone(image)
  const off = await room.run([built], 5)
  expect(halts()).toEqual([])
  expect(off).toBe(true)
})

test('a Realm that was handed no policy powers off', async () => {
  const { image, rim } = await buildRealm(realm('gate'))
  const built = room.buildAlone(image)
  expect(room.rimOf(built)).toBe(Buffer.from(rim).toString('hex'))
  const off = await room.run([built], 5)
  expect(halts()).toEqual([])
  expect(off).toBe(true)
})
