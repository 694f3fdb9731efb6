import { expect, test } from 'vitest'
import * as plugins from '../src/index.ts'

test('the entry has these names and no others', () => {
  expect(Object.keys(plugins).sort()).toMatchInlineSnapshot(`
    [
      "DuplicatePluginError",
      "Registry",
      "SIMULATOR_DRAM",
      "SimulatedDeployment",
      "SimulatedPlatform",
      "bootSimulator",
      "builtIn",
      "definePlugin",
      "localVerifier",
      "simulatedTrust",
      "simulator",
    ]
  `)
})
