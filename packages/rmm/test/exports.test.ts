import { expect, test } from 'vitest'
import * as abi from '../src/abi/index.ts'
import * as rmm from '../src/index.ts'

test('the package offers the monitor and its options, nothing of its insides', () => {
  expect(Object.keys(rmm).sort()).toEqual(['DEFAULT_MICA_LIMITS', 'InvariantError', 'Rmm'])
})

test('every function identifier of the ABI has a name, and one only', () => {
  const fids = Object.entries(abi).filter(
    ([name, value]) => /^(RMI|RSI)_[A-Z_]+$/.test(name) && typeof value === 'bigint' && value > 0xffffn,
  )
  const names = fids.map(([, fid]) => abi.rmiCommandName(fid as bigint) ?? abi.rsiCommandName(fid as bigint))
  expect(names).toEqual(fids.map(([name]) => name))
})
