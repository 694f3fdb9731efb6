import { describe } from 'vitest'
import { PSCI_VERSION } from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { psciWorld } from './psci-world.ts'

describe('PSCI_VERSION', () => {
  testGuestCall(PSCI_VERSION, psciWorld, [], () => [0x1_0001])
})
