import { describe } from 'vitest'
import { ABI_VERSION, RMI_ERROR_INPUT, RMI_VERSION } from '../../src/abi/index.ts'
import { testRmi } from '../conditions.ts'
import { smallHost } from '../small-world.ts'

/** Lower and higher revision: this monitor has one. */
const REVISIONS = [ABI_VERSION, ABI_VERSION]
const refusal = [RMI_ERROR_INPUT, ...REVISIONS]

describe('RMI_VERSION', () => {
  testRmi(
    RMI_VERSION,
    () => ({ host: smallHost(), args: [ABI_VERSION] }),
    [
      { name: 'no revision', x: { 1: 0 }, expect: refusal },
      { name: 'an older major revision', x: { 1: 0x0_ffff }, expect: refusal },
      { name: 'a newer minor revision', x: { 1: 0x1_0001 }, expect: refusal },
      { name: 'a newer major revision', x: { 1: 0x2_0000 }, expect: refusal },
      { name: 'a bit above the major revision', x: { 1: 0x8001_0000 }, expect: refusal },
      { name: 'a bit of the upper half', x: { 1: 0x1_0001_0000 }, expect: refusal },
    ],
    () => REVISIONS,
  )
})
