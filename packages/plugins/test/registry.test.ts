import { SIMULATED_ROOT_OF_TRUST } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import { builtIn, DuplicatePluginError, definePlugin, Registry, simulator } from '../src/index.ts'

test('backends, verifiers and trust roots are found by their names', () => {
  const registry = new Registry([builtIn])
  expect(registry.backends.get('simulator')?.trust).toBe('simulated')
  expect(registry.verifiers.get('local')?.name).toBe('local')
  expect(registry.trustRoots.get('simulated')?.anchors[0]?.key).toEqual(SIMULATED_ROOT_OF_TRUST.cpak)
  expect(registry.backends.get('fvp')).toBeUndefined()
})

test('a plugin cannot take the name of another backend', () => {
  const impostor = definePlugin({ name: 'impostor', backends: [{ ...simulator, description: 'not the simulator' }] })
  expect(() => new Registry([builtIn, impostor])).toThrow(DuplicatePluginError)
})

test('a plugin adds to what there is', () => {
  const other = definePlugin({ name: 'other', backends: [{ ...simulator, name: 'other' }] })
  expect([...new Registry([builtIn, other]).backends.keys()]).toEqual(['simulator', 'other'])
})
