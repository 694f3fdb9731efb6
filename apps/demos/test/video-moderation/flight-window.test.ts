import { expect, test } from 'vitest'
import { FlightWindow } from '../../video-moderation/realms/flight-window.ts'

/** Whether a promise is settled once every job that waits has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  void promise.then(() => {
    done = true
  })
  for (let i = 0; i < 10; i++) await Promise.resolve()
  return done
}

test('a frame waits while as many as allowed are under way, and goes when one is back', async () => {
  const window = new FlightWindow({ frames: 2, bytes: 1_000 })
  expect(await window.depart(0, 10)).toBe(true)
  expect(await window.depart(1, 10)).toBe(true)
  const third = window.depart(2, 10)
  expect(await settled(third)).toBe(false)
  expect(window.land(0)).toBe(true)
  expect(await third).toBe(true)
  expect(window.frames).toBe(2)
})

test('a frame waits while its bytes do not fit, and goes alone however large it is', async () => {
  const window = new FlightWindow({ frames: 8, bytes: 100 })
  await window.depart(0, 60)
  const large = window.depart(1, 500)
  expect(await settled(large)).toBe(false)
  window.land(0)
  expect(await large).toBe(true)
  expect(await settled(window.depart(2, 1))).toBe(false)
})

test('a frame that comes back takes the lost ones before it out of the air', async () => {
  const window = new FlightWindow({ frames: 3, bytes: 100 })
  for (const index of [0, 1, 2]) await window.depart(index, 10)
  expect(window.land(1)).toBe(true)
  expect(window.frames).toBe(1)
  expect(window.land(0)).toBe(false)
})

test('a frame that was never sent, or is back already, makes no room', async () => {
  const window = new FlightWindow({ frames: 1, bytes: 100 })
  await window.depart(0, 10)
  const second = window.depart(1, 10)
  expect(window.land(7)).toBe(false)
  expect(await settled(second)).toBe(false)
  window.land(0)
  await second
  expect(window.land(0)).toBe(false)
})

test('closing lets whoever waits go without having sent', async () => {
  const window = new FlightWindow({ frames: 1, bytes: 100 })
  await window.depart(0, 10)
  const second = window.depart(1, 10)
  window.close()
  expect(await second).toBe(false)
  expect(await window.depart(2, 10)).toBe(false)
})
