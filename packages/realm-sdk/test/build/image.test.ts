import { fileURLToPath } from 'node:url'
import {
  buildRealm,
  constructionOf,
  encodePolicyRegion,
  IMAGE_BASE,
  packImage,
  REALM_BASE,
  rimOf,
  SCRATCH_BASE,
} from '@mica/realm-sdk/build'
import { encodeRmiRealmParams } from '@mica/rmm/abi'
import { expect, test } from 'vitest'

const worker = fileURLToPath(new URL('./realms/worker.ts', import.meta.url))

test('an image begins with its magic and the length of its source, and fills whole granules with zeroes', () => {
  const image = packImage('() => 1 // é')
  expect(new TextDecoder().decode(image.subarray(0, 8))).toBe('mica-pe1')
  expect(new DataView(image.buffer).getUint32(8, true)).toBe(13)
  expect(new DataView(image.buffer).getUint32(12, true)).toBe(0)
  expect(new TextDecoder().decode(image.subarray(16, 29))).toBe('() => 1 // é')
  expect(image.length).toBe(4096)
  expect(image.subarray(29).every((byte) => byte === 0)).toBe(true)
})

test('a Realm is built in the order that its measurement depends on', () => {
  const steps = constructionOf(packImage('x'.repeat(5000)), Uint8Array.of(1, 2, 3))
  const shown = steps.map((step) => {
    if (step.op === 'data-create') return `${step.op} ${step.ipa} ${step.measured}`
    return step.op === 'data-create-unknown' ? `${step.op} ${step.ipa}` : step.op
  })
  const sixteen = Array.from({ length: 16 }, (_, index) => index * 4096)
  expect(shown).toEqual([
    'realm-create',
    'rtt-init-ripas',
    ...sixteen.map((offset) => `data-create ${REALM_BASE + offset} false`),
    `data-create ${IMAGE_BASE} true`,
    `data-create ${IMAGE_BASE + 4096} true`,
    ...sixteen.map((offset) => `data-create-unknown ${SCRATCH_BASE + offset}`),
    'rec-create',
  ])
  const [create] = steps
  expect(create?.op === 'realm-create' && encodeRmiRealmParams(create.params)[8]).toBe(39)
})

test('the policy that is handed to a Realm does not change its measurement, and one byte of its image does', async () => {
  const { image, rim } = await buildRealm(worker)
  const blob = new Uint8Array(300).fill(7)
  expect(constructionOf(image, blob)).not.toEqual(constructionOf(image))
  expect(rim).toEqual(rimOf(image))
  const changed = image.slice()
  changed[changed.length - 1]! ^= 1
  expect(rimOf(changed)).not.toEqual(rim)
})

test('a policy region says how long its blob is, and refuses one that does not fit', () => {
  const region = encodePolicyRegion(Uint8Array.of(9, 8, 7))
  expect(region.length).toBe(16 * 4096)
  expect([...region.subarray(0, 20)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7, 0])
  expect(() => encodePolicyRegion(new Uint8Array(16 * 4096 - 15))).toThrow(RangeError)
})
