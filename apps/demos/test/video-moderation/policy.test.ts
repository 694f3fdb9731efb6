import { readFileSync } from 'node:fs'
import { check } from '@mica/dsl'
import { bundleRealm, generateTypes } from '@mica/realm-sdk/build'
import { expect, test } from 'vitest'

const folder = new URL('../../video-moderation/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
const { workflow, diagnostics } = check(read('pipeline.mica'), { file: 'pipeline.mica' })

test('the policy has no fault, and its assertions hold', () => {
  expect(diagnostics).toEqual([])
  expect(workflow?.peers.map(({ name, gateway }) => [name, gateway])).toEqual([
    ['gate', true],
    ['encoder', false],
    ['moderator', false],
  ])
})

test('the module that the realms import is the one that the policy gives', () => {
  expect(read('pipeline.mica.ts')).toBe(generateTypes(workflow!))
})

test.each(['gate', 'encoder', 'moderator'])(
  '%s can be bundled into an image that a compartment evaluates',
  async (peer) => {
    const script = await bundleRealm(new URL(`realms/${peer}.ts`, folder).pathname)
    expect(script.length).toBeGreaterThan(10_000)
    // The gate carries pictures and decodes none: the code that the client has to trust has no codec in it.
    expect(script.includes('quantizationTable')).toBe(peer !== 'gate')
  },
)
