import { describe } from 'vitest'
import { ABI_VERSION, RSI_ERROR_INPUT, RSI_SUCCESS, RSI_VERSION } from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { guestWorld } from './guest-world.ts'

/** Lower and higher revision: this monitor has one. */
const REVISIONS = [ABI_VERSION, ABI_VERSION]
const refusal = [RSI_ERROR_INPUT, ...REVISIONS]

describe('RSI_VERSION', () => {
  testGuestCall(
    RSI_VERSION,
    () => guestWorld([ABI_VERSION]),
    [
      { name: 'no revision', x: { 1: 0 }, expect: refusal },
      { name: 'an older major revision', x: { 1: 0x0_ffff }, expect: refusal },
      { name: 'a newer minor revision', x: { 1: 0x1_0001 }, expect: refusal },
      { name: 'a newer major revision', x: { 1: 0x2_0000 }, expect: refusal },
      { name: 'a bit of the upper half', x: { 1: 0x1_0001_0000 }, expect: refusal },
    ],
    () => [RSI_SUCCESS, ...REVISIONS],
  )
})
