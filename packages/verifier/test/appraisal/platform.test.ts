import { expect, test } from 'vitest'
import { appraisePlatform } from '../../src/appraisal/platform.ts'
import { decodePlatformClaims, type PlatformClaims } from '../../src/cca-token/platform.ts'
import type { CompatSwitch } from '../../src/compat.ts'
import type { PlatformReference } from '../../src/endorsements/reference-values.ts'
import { attester, COMPONENTS, CONFIG, IMPLEMENTATION, withClaims } from '../attester.ts'

function claims(lifecycle = 0x3003): PlatformClaims {
  const decoded = decodePlatformClaims(withClaims(attester().platformClaims(), { 2395: lifecycle }))
  return 'profile' in decoded ? decoded : expect.fail('bad claims')
}
const reference: PlatformReference = {
  implementationId: IMPLEMENTATION,
  config: { value: CONFIG },
  components: COMPONENTS,
}
function appraise(platforms: readonly PlatformReference[], lifecycle?: number, compat: readonly CompatSwitch[] = []) {
  const { findings, vector } = appraisePlatform(claims(lifecycle), { platforms, realms: [] }, compat)
  return { names: findings.map(({ name }) => name), vector }
}

test('a platform as it is endorsed is affirmed in all that its token speaks of', () => {
  const { names, vector } = appraise([reference])
  expect(names).toEqual([])
  expect(vector).toEqual({
    'instance-identity': 2,
    configuration: 2,
    executables: 2,
    'file-system': 0,
    hardware: 2,
    'runtime-opaque': 2,
    'storage-opaque': 2,
    'sourced-data': 0,
  })
})

test.each([
  [0x3000, 2],
  [0x30ff, 2],
  [0x4000, 32],
  [0x0000, 96],
  [0x1000, 96],
  [0x2000, 96],
  [0x5000, 96],
  [0x6000, 96],
  [0x7000, 96],
  [0xffff, 96],
])('lifecycle %i is worth %i in identity, runtime and storage', (lifecycle, value) => {
  const { names, vector } = appraise([reference], lifecycle)
  expect(names).toEqual(value === 2 ? [] : ['lifecycle'])
  expect(vector).toMatchObject({ 'instance-identity': value, 'runtime-opaque': value, 'storage-opaque': value })
})

test('debug outside the root of trust is put up with by name only', () => {
  const { names, vector } = appraise([reference], 0x4000, ['non-platform-debug'])
  expect(names).toEqual(['compat-switch-used'])
  expect(vector['instance-identity']).toBe(2)
})

test('a configuration counts under its mask; without a reference nothing is claimed of it', () => {
  const other = Uint8Array.of(0xcf, 0xcf, 0xcf, 0x00)
  const masked = (mask?: Uint8Array) =>
    appraise([{ ...reference, config: { value: other, mask } }]).vector.configuration
  expect(masked()).toBe(32)
  expect(masked(Uint8Array.of(255, 255, 255, 255))).toBe(32)
  expect(masked(Uint8Array.of(255, 255, 255, 0))).toBe(2)
  const { config: _, ...without } = reference
  expect(appraise([without])).toMatchObject({
    names: ['no-reference-values'],
    vector: { configuration: 0, executables: 2 },
  })
})

test('components are compared as a set, complete on both sides', () => {
  const [first, second] = COMPONENTS
  const judged = (components: PlatformReference['components']) =>
    appraise([{ ...reference, components }]).vector.executables
  expect(judged([second!, first!])).toBe(2)
  expect(judged([first!])).toBe(33)
  expect(judged([...COMPONENTS, first!])).toBe(33)
  expect(judged([first!, { ...second!, measurement: new Uint8Array(32) }])).toBe(33)
  expect(judged([first!, { ...second!, signerId: new Uint8Array(32) }])).toBe(33)
  expect(judged([first!, { ...second!, type: undefined }])).toBe(33)
})

test('of several references any may match, whatever else is known of the others', () => {
  const { config: _, ...vague } = { ...reference, components: [] }
  expect(appraise([vague, reference])).toMatchObject({ names: [], vector: { executables: 2, configuration: 2 } })
  const elsewhere = { ...reference, implementationId: new Uint8Array(32) }
  expect(appraise([elsewhere])).toMatchObject({
    names: ['unknown-implementation'],
    vector: { hardware: 97, executables: 0 },
  })
  expect(appraise([])).toMatchObject({ names: ['no-reference-values'], vector: { hardware: 2, executables: 0 } })
})
